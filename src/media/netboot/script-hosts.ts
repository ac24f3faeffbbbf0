/**
 * How a boot loader of the network can tell the hosts of a table apart, and which answers it loads then. The
 * installer's own chooser checks again, with all ids of the machine; a boot loader knows the card that it was loaded by.
 */
import { type HostMatch, ID_KINDS } from '../../recipe/schema/hosts-schema.ts';
import { uuidForms } from '../../recipe/values/uuid-forms.ts';

export interface NetbootHost {
  readonly name: string;
  readonly match: HostMatch;
}

export interface HostTable {
  readonly hosts: readonly NetbootHost[];
  /** What happens on a machine that is none of them. */
  readonly unknown: 'stop' | 'recipe';
  /** Whether there are the answers of all, for the installer to choose where a boot loader cannot. */
  readonly isShared: boolean;
}

/** Whether a boot loader may have to leave the choice to the installer. All know the card that they were loaded by. */
export const needsShared = ({ hosts, unknown }: Omit<HostTable, 'isShared'>): boolean =>
  unknown === 'recipe' || hosts.some(({ match }) => match.serial !== undefined || match.uuid !== undefined);

/** In the folder: the answers of all. Those of one host have the same name, since iPXE names an initrd by its file. */
export const ANSWERS = 'answers.initrd';
export const ownAnswers = (host: string): string => `hosts/${host}/${ANSWERS}`;

export interface Condition {
  readonly kind: (typeof ID_KINDS)[number];
  readonly value: string;
}

/** Ways to recognize a host, each a list of conditions that all have to hold; none when none of its ids can be checked. */
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

/** Whether a way checks all ids of the host; else it may be another one, and the installer has to choose. */
export const isWhole = ({ match }: NetbootHost, way: readonly Condition[]): boolean =>
  ID_KINDS.every((kind) => match[kind] === undefined || way.some((condition) => condition.kind === kind));

/** Whether these ways find every machine of the host: for each kind of id, all values or none can be checked. */
export const isCertain = (host: NetbootHost, canLook: (condition: Condition) => boolean): boolean =>
  waysToKnow(host, canLook).length > 0 &&
  ID_KINDS.every((kind) => {
    const looks = (host.match[kind] ?? []).map((value) => canLook({ kind, value }));
    return looks.every((look) => look === looks[0]);
  });

const lowerForms = (uuid: string): string[] => [...new Set(uuidForms(uuid).map((form) => form.toLowerCase()))];
