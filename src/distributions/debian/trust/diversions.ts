/** What dpkg-divert(1) and dpkg-statoverride(1) wrote down, as far as a verified maintainer script says the same. */
import type { Judged } from '../../../judgement.ts';
import { fits } from './spelt.ts';

export interface Diversion {
  readonly from: string;
  readonly to: string;
  /** The package whose own file stays. */
  readonly by: string;
}

/** Three lines each. */
export const parseDiversions = (text: string): Diversion[] => {
  const lines = text.split('\n').filter((line) => line !== '');
  const found: Diversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3)
    found.push({ from: lines[at] ?? '', to: lines[at + 1] ?? '', by: lines[at + 2] ?? '' });
  return found;
};

export interface Override {
  readonly user: string;
  readonly group: string;
  readonly mode: number;
  readonly path: string;
}

export const parseOverrides = (text: string): Override[] =>
  text.split('\n').flatMap((line) => {
    const [, user = '', group = '', mode = '', path = ''] = /^(\S+) (\S+) (\d+) (\/.*)$/.exec(line) ?? [];
    return path === '' ? [] : [{ user, group, mode: Number.parseInt(mode, 8), path }];
  });

/** Maintainer scripts of the signed packages, by package. */
export type Scripts = ReadonlyMap<string, string>;

/** Those that a script of the package that diverts speaks of; the others are told, and count for nothing. */
export const explainedDiversions = (
  diversions: readonly Diversion[],
  scripts: Scripts,
): { readonly known: readonly Diversion[]; readonly found: readonly Judged[] } => {
  const isKnown = ({ from, by }: Diversion) => {
    const text = scripts.get(by) ?? '';
    if (!text.includes('dpkg-divert')) return false;
    // Scripts build paths of parts; the last one is spelt out, or has a variable in it.
    return text.includes(from.slice(from.lastIndexOf('/') + 1)) || divertsAs(text, from);
  };
  return {
    known: diversions.filter(isKnown),
    found: diversions
      .filter((one) => !isKnown(one))
      .map(({ from, to, by }) => ({
        rule: 'trust/diversion',
        verdict: 'fails',
        message: `${from} is diverted to ${to}, but no script of ${by} does that`,
        where: '/var/lib/dpkg/diversions',
        hint: 'A diversion puts a file in the place of a package’s own. Find out who made it (dpkg-divert --list).',
      })),
  };
};

/** An absolute path on a line that diverts, with a variable in its last part, is this one: `/lib/x86_64-linux-gnu/lib$lib`. */
const divertsAs = (script: string, path: string): boolean =>
  script
    .split('\n')
    .filter((line) => line.includes('dpkg-divert'))
    .flatMap((line) => line.match(/\/[^\s"';]+\/[^\s"'/;]+/g) ?? [])
    .some((written) => fits(written, path));

export const explainedOverrides = (
  overrides: readonly Override[],
  scripts: Scripts,
): { readonly known: readonly Override[]; readonly found: readonly Judged[] } => {
  const texts = [...scripts.values()].filter((text) => text.includes('dpkg-statoverride'));
  const isKnown = ({ path, user, group, mode }: Override) =>
    texts.some(
      (text) =>
        text.includes(path.slice(path.lastIndexOf('/') + 1)) &&
        [user, group].every((name) => text.includes(name)) &&
        text.includes(mode.toString(8)),
    );
  return {
    known: overrides.filter(isKnown),
    found: overrides
      .filter((one) => !isKnown(one))
      .map(({ path, user, group, mode }) => ({
        rule: 'trust/override',
        verdict: 'fails',
        message: `${path} is given to ${user}:${group} with mode ${mode.toString(8)}, but no package’s script says so`,
        where: '/var/lib/dpkg/statoverride',
        hint: 'Such an entry stays with every upgrade. Find out who made it (dpkg-statoverride --list).',
      })),
  };
};
