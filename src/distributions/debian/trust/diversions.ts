/** What dpkg-divert(1) and dpkg-statoverride(1) wrote down, as far as a verified maintainer script says the same. */
import { posix } from 'node:path';
import { shownPath } from '../../../capture/file-names.ts';
import type { Judged } from '../../../judgement.ts';
import { type Commands, commandsOf, formsOf, type Scripts, saysPath, saysPlace, wordsOf } from './spelt.ts';

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

/**
 * Those that a script of the package that diverts speaks of; the others are told, and count for nothing. Of packages that could
 * not be had (`without`) nothing is known.
 */
export const explainedDiversions = (
  diversions: readonly Diversion[],
  scripts: Scripts,
  without: readonly { readonly installed: { readonly name: string } }[],
): { readonly known: readonly Diversion[]; readonly found: readonly Judged[] } => {
  const isLacking = (name: string) => without.some(({ installed }) => installed.name === name);
  const isKnown = ({ from, to, by }: Diversion) =>
    commandsOf(scripts).some(
      (one) => one.package === by && one.words.has('dpkg-divert') && saysPlace(one, from) && movesTo(one, from, to),
    );
  return {
    known: diversions.filter(isKnown),
    found: diversions
      .filter((one) => !isKnown(one))
      .map(({ from, to, by }) => ({
        rule: 'trust/diversion',
        verdict: isLacking(by) ? 'unjudged' : 'fails',
        message: `${shownPath(from)} is diverted to ${shownPath(to)}, but ${isLacking(by) ? `the scripts of ${by} are not at hand` : `no script of ${shownPath(by)} does that`}`,
        where: '/var/lib/dpkg/diversions',
        hint: 'A diversion puts a file in the place of a package’s own. Find out who made it (dpkg-divert --list).',
      })),
  };
};

/** A script says where it goes, or it stays in its folder and keeps its name before the first dot: `sh.1.gz`, `sh.distrib.1.gz`. */
const movesTo = (script: Commands, from: string, to: string): boolean => {
  const stem = posix.basename(from).replace(/\..*$/, '');
  const stays = posix.dirname(to) === posix.dirname(from) && posix.basename(to).startsWith(`${stem}.`);
  return stays || saysPath(script, to);
};

/** `unjudged`: paths of packages that could not be had, as their own scripts. */
export const explainedOverrides = (
  overrides: readonly Override[],
  scripts: Scripts,
  unjudged: ReadonlyMap<string, string>,
): { readonly known: readonly Override[]; readonly found: readonly Judged[] } => {
  const added = commandsOf(scripts).flatMap((script) =>
    script.lines
      .filter((line) => /\bdpkg-statoverride\b.*--add\b/.test(line))
      .map((line) => ({ script, words: wordsOf(line.replace(/^.*--add\b/, '')) })),
  );
  /** As it stands on the line; a variable can be any word of the script. */
  const isKnown = ({ path, user, group, mode }: Override) =>
    added.some(({ script, words: [first = '', second = '', third = '', ...rest] }) => {
      const says = (word: string, value: string) => (word.startsWith('$') ? script.words.has(value) : word === value);
      const [place = ''] = rest;
      return (
        says(first, user) &&
        says(second, group) &&
        says(third.replace(/^0+(?=\d)/, ''), mode.toString(8)) &&
        (place.includes('$') ? saysPath(script, path) : formsOf(path).includes(place))
      );
    });
  return {
    known: overrides.filter(isKnown),
    found: overrides
      .filter((one) => !isKnown(one))
      .map(({ path, user, group, mode }) => ({
        rule: 'trust/override',
        verdict: unjudged.has(path) ? 'unjudged' : 'fails',
        message: `${shownPath(path)} is given to ${user}:${group} with mode ${mode.toString(8)}, but ${unjudged.has(path) ? `the scripts of ${unjudged.get(path)} are not at hand` : 'no package’s script says so'}`,
        where: '/var/lib/dpkg/statoverride',
        hint: 'Such an entry stays with every upgrade. Find out who made it (dpkg-statoverride --list).',
      })),
  };
};
