/** What a table of hosts may not say: two hosts that are one machine, and variables that do not exist. */

import { suggest } from '../../suggest.ts';
import type { Problem } from '../problems/problem.ts';
import { type HostMatch, type Hosts, ID_KINDS } from '../schema/hosts-schema.ts';
import type { Recipe } from '../schema.ts';

/** More than anybody installs from one medium. */
const MOST_HOSTS = 1000;

export const checkHosts = ({ hosts, variables }: Pick<Recipe, 'hosts' | 'variables'>): Problem[] => {
  const count = Object.keys(hosts).length;
  if (count > MOST_HOSTS)
    return [{ path: ['hosts'], at: 'key', message: `${count} hosts are too many: at most ${MOST_HOSTS} are possible` }];
  return [...unknownVariables(hosts, Object.keys(variables)), ...sameMachines(hosts)];
};

const unknownVariables = (hosts: Hosts, declared: readonly string[]): Problem[] =>
  Object.entries(hosts).flatMap(([host, { variables }]) =>
    Object.keys(variables)
      .filter((name) => !declared.includes(name))
      .map((name): Problem => {
        const near = suggest(name, declared);
        const hint = near === undefined ? 'Declare it in `variables`.' : `Did you mean \`${near}\`?`;
        return { path: ['hosts', host, 'variables', name], at: 'key', message: `no variable \`${name}\``, hint };
      }),
  );

/** Only hosts that have an id in common can be one machine. */
const sameMachines = (hosts: Hosts): Problem[] => {
  const owners = new Map<string, string[]>();
  const problems: Problem[] = [];
  for (const [name, { match }] of Object.entries(hosts)) {
    const ids = ID_KINDS.flatMap((kind) => (match[kind] ?? []).map((value) => `${kind} ${value}`));
    const near = new Set(ids.flatMap((id) => owners.get(id) ?? []));
    const other = [...near].find((one) => mayBeOne(match, hosts[one]?.match ?? {}));
    if (other !== undefined)
      problems.push({
        path: ['hosts', name, 'match'],
        message: `a machine that fits may be the host \`${other}\` as well: ${common(match, hosts[other]?.match ?? {})}`,
        hint: 'Tell them apart by an id that only one of them has.',
      });
    for (const id of ids) owners.set(id, [...(owners.get(id) ?? []), name]);
  }
  return problems;
};

/** A machine has one serial number and one UUID, and may have several cards. */
const mayBeOne = (one: HostMatch, other: HostMatch): boolean =>
  ID_KINDS.every((kind) => {
    const [mine, theirs] = [one[kind], other[kind]];
    return mine === undefined || theirs === undefined || mine.some((value) => theirs.includes(value));
  });

const common = (one: HostMatch, other: HostMatch): string =>
  ID_KINDS.flatMap((kind) => (one[kind] ?? []).filter((value) => other[kind]?.includes(value))).join(', ');
