/**
 * By what a boot loader of the network can tell the hosts of a table apart. It is a help only: the installer's own
 * chooser decides, and looks at all ids of the machine; a boot loader knows the card that it was loaded by.
 */
import { uuidForms } from '../../answers/hosts.ts';
import { type HostMatch, ID_KINDS } from '../../recipe/hosts-schema.ts';

export interface NetbootHost {
  readonly name: string;
  readonly match: HostMatch;
}

export interface HostTable {
  readonly hosts: readonly NetbootHost[];
  /** What becomes of a machine that is none of them. */
  readonly unknown: 'stop' | 'recipe';
}

export interface Condition {
  readonly kind: (typeof ID_KINDS)[number];
  readonly value: string;
}

/** Ways to know a host, each a list of conditions that all have to hold; none when nothing of it can be looked at. */
export const waysToKnow = (
  { match }: NetbootHost,
  canLook: (condition: Condition) => boolean,
): readonly (readonly Condition[])[] => {
  const lists = ID_KINDS.flatMap((kind) => {
    const values = (match[kind] ?? []).flatMap((value) => (kind === 'uuid' ? lowerForms(value) : [value]));
    const conditions = values.map((value): Condition => ({ kind, value })).filter(canLook);
    return conditions.length === 0 ? [] : [conditions];
  });
  if (lists.length === 0) return [];
  return lists.reduce<Condition[][]>((ways, list) => ways.flatMap((way) => list.map((one) => [...way, one])), [[]]);
};

const lowerForms = (uuid: string): string[] => [...new Set(uuidForms(uuid).map((form) => form.toLowerCase()))];
