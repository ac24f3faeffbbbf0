/** The signed package indexes of a release as they are today, outside of a build: fetched by apt, checked apart from it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../host/files.ts';
import type { UpdateWish } from '../../../vulns/updates.ts';
import { type Apt, type AptContext, acceptIndex, openApt, updateIndexes } from '../archive/apt.ts';
import { findMirrors } from '../archive/find-mirrors.ts';
import type { IndexFile } from '../archive/index-file.ts';
import { buildPackageIndex, type PackageIndex } from '../archive/package-index.ts';
import { debianRelease, type Release } from '../archive/releases.ts';
import { checkSuites } from '../archive/suites.ts';
import { verifyIndex } from '../archive/verify-signature.ts';

export interface ArchiveIndexes {
  readonly apt: Apt;
  /** Reads the files below the work folder for as long as it is used. */
  readonly packages: PackageIndex;
  readonly suites: readonly { readonly name: string; readonly date: string }[];
}

/** `work` is the caller's own folder, `state` one that is kept. Throws what `openApt`, `updateIndexes` and `checkSuites` throw. */
export const readArchive = async (
  wish: UpdateWish,
  { work, state }: { readonly work: string; readonly state: string },
  context: AptContext,
): Promise<ArchiveIndexes> => {
  const release = followed(debianRelease(wish.release), wish);
  const mirrors = await findMirrors(wish, release);
  const apt = await openApt(work, release, mirrors);
  const seed = join(state, `lists-${sha256(JSON.stringify(mirrors.urls)).slice(0, 16)}`);
  await mkdir(seed, { recursive: true });
  await updateIndexes(apt, seed, context);
  const files: IndexFile[] = [];
  const suites = await checkSuites(apt, context);
  for (const { verified, targets } of suites)
    for (const target of targets) {
      const path = `${target.metaKey}${/\.\w+$/.exec(target.file)?.[0] ?? ''}`;
      await verifyIndex(verified, path, target.file, context.signal);
      files.push({ suite: verified.name, path: await acceptIndex(apt, target.file, context) });
    }
  return {
    apt,
    packages: buildPackageIndex(files),
    suites: suites.map(
      ({
        verified: {
          name,
          release: { date },
        },
      }) => ({ name, date: date.toISOString() }),
    ),
  };
};

/** Without the installer's own packages, which no system has. */
const followed = (release: Release, { components, suites }: UpdateWish): Release => {
  const wanted = [...new Set(['main', ...components])];
  const further = suites.map((name) => ({ name, archive: 'mirror' as const, components: wanted }));
  return { ...release, suites: [...release.suites.map((suite) => ({ ...suite, components: wanted })), ...further] };
};
