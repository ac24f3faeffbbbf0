/** What dpkg is told to leave out of packages (dpkg(1), --path-exclude), as its configuration in an image says it. */
import type { GuestFiles } from '../../../capture/guest-files.ts';

const CONFIGURATION = '/etc/dpkg/dpkg.cfg.d';

interface Exclusion {
  readonly pattern: RegExp;
  readonly isExcluded: boolean;
  readonly file: string;
}

/** Says of a path by which file it is left out. `isBelieved`: only these files count. */
export const pathExclusions = async (
  files: GuestFiles,
  isBelieved: (file: string) => boolean = () => true,
): Promise<(path: string) => string | undefined> => {
  const exclusions: Exclusion[] = [];
  const names = (await files.list(CONFIGURATION)).map(({ name }) => `${CONFIGURATION}/${name}`).sort();
  for (const file of names.filter((path) => isBelieved(path)))
    for (const line of ((await files.text(file)) ?? '').split('\n')) {
      const [, kind, glob] = /^path-(exclude|include)\s*=?\s*(\S+)$/.exec(line.trim()) ?? [];
      if (glob !== undefined) exclusions.push({ pattern: patternOf(glob), isExcluded: kind === 'exclude', file });
    }
  return (path) => {
    // The last one that matches counts.
    const last = exclusions.findLast(({ pattern }) => pattern.test(path));
    return last?.isExcluded ? last.file : undefined;
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
