/** The indexes that lie in a folder of apt's, each checked by the archive's keys and apart from apt. */
import { type Apt, type AptContext, acceptIndex } from '../archive/apt.ts';
import type { IndexFile } from '../archive/index-file.ts';
import { buildPackageIndex, type PackageIndex } from '../archive/package-index.ts';
import { type CheckedSuite, checkSuites } from '../archive/suites.ts';
import { verifyIndex } from '../archive/verify-signature.ts';

/** What was read, and of when it is. */
export interface ReadIndexes {
  /** Reads the files below the work folder for as long as it is used. */
  readonly packages: PackageIndex;
  readonly suites: readonly { readonly name: string; readonly date: string }[];
}

/** Throws what `checkSuites` throws. */
export const listedIndexes = async (apt: Apt, context: AptContext): Promise<ReadIndexes> =>
  readListed(apt, await checkSuites(apt, context), context);

export const readListed = async (
  apt: Apt,
  suites: readonly CheckedSuite[],
  context: AptContext,
): Promise<ReadIndexes> => {
  const files: IndexFile[] = [];
  for (const { verified, targets } of suites)
    for (const target of targets) {
      const path = `${target.metaKey}${/\.\w+$/.exec(target.file)?.[0] ?? ''}`;
      await verifyIndex(verified, path, target.file, context.signal);
      files.push({ suite: verified.name, path: await acceptIndex(apt, target.file, context) });
    }
  return {
    packages: buildPackageIndex(files),
    suites: suites.map(({ verified: { name, release } }) => ({ name, date: release.date.toISOString() })),
  };
};
