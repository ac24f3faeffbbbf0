/** Why a file of a package may be missing, where that is known: dpkg was told to leave it out, or sealing empties the place. */
import type { GuestFiles } from '../../../capture/guest-files.ts';
import { pathExclusions } from '../system/path-exclusions.ts';

/** What sealing takes away: a folder that apt makes again. */
const SEALED: Readonly<Record<string, string>> = {
  '/var/lib/apt/lists/partial': 'sealing empties apt’s lists, and apt makes the folder again',
};

/** Answers for a path. `isBelieved`: only what a package or Ingot has written counts. */
export const absences = async (
  files: GuestFiles,
  isBelieved: (path: string) => boolean,
): Promise<(path: string) => string | undefined> => {
  const excludedBy = await pathExclusions(files, isBelieved);
  return (path) => {
    const file = excludedBy(path);
    return file === undefined ? SEALED[path] : `dpkg is told to leave it out by ${file}`;
  };
};
