/** Why a file of a package may be missing, where that is known: dpkg was told to leave it out, or sealing empties the place. */
import type { GuestFiles } from '../../../capture/guest-files.ts';

const CONFIGURATION = '/etc/dpkg/dpkg.cfg.d';

interface Exclusion {
  readonly pattern: RegExp;
  readonly isExcluded: boolean;
  readonly file: string;
}

/** What sealing takes away: a folder that apt makes again. */
const SEALED: Readonly<Record<string, string>> = {
  '/var/lib/apt/lists/partial': 'sealing empties apt’s lists, and apt makes the folder again',
};

/** Answers for a path. `isBelieved`: only what a package or Ingot has written there counts. */
export const absences = async (
  files: GuestFiles,
  isBelieved: (path: string) => boolean,
): Promise<(path: string) => string | undefined> => {
  const exclusions: Exclusion[] = [];
  const names = (await files.list(CONFIGURATION)).map(({ name }) => `${CONFIGURATION}/${name}`).sort();
  for (const file of names.filter((path) => isBelieved(path)))
    for (const line of ((await files.text(file)) ?? '').split('\n')) {
      const [, kind, glob] = /^path-(exclude|include)\s*=?\s*(\S+)$/.exec(line.trim()) ?? [];
      if (glob !== undefined) exclusions.push({ pattern: patternOf(glob), isExcluded: kind === 'exclude', file });
    }
  return (path) => {
    // The last one that matches counts (dpkg(1), --path-exclude).
    const last = exclusions.findLast(({ pattern }) => pattern.test(path));
    if (last?.isExcluded) return `dpkg is told to leave it out by ${last.file}`;
    return SEALED[path];
  };
};

/** As fnmatch(3) without flags: an asterisk matches slashes too. */
const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
      .replaceAll('[!', '[^')}$`,
  );
