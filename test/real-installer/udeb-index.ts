/**
 * The release's udeb index. A mirror's copy may be older than the signed Release beside it: then there is no chain to
 * Debian's key, but the index still says what each udeb's SHA-256 is, and that is held against what is fetched.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPackageIndex, type PackageIndex } from '../../src/distributions/debian/archive/package-index.ts';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { keep } from './made.ts';
import { fetchFile, type Workshop } from './workshop.ts';

export const UDEB_INDEX = 'main/debian-installer/binary-amd64/Packages';

export interface UdebIndex {
  readonly packages: PackageIndex;
  /** Whether the signed Release names this very index. */
  readonly signed: boolean;
  readonly sha256: string;
}

export const readUdebIndex = async (workshop: Workshop): Promise<UdebIndex> => {
  const { cache, release, suite, context, tell } = workshop;
  await using work = await temporaryFolder('.index-', cache);
  const packed = join(work.path, 'Packages.xz');
  await fetchFile(workshop, `dists/${release.codename}/${UDEB_INDEX}.xz`, packed);
  const { sha256 } = await fileRef(packed, context.signal);
  const signed = suite.release.files.get(`${UDEB_INDEX}.xz`)?.sha256 === sha256;
  if (!signed) tell("the mirror's udeb index is not the one that its Release signs: taken as it is");
  const folder = await keep(cache, `udeb-index-${release.codename}`, sha256, async (to) => {
    await mkdir(to, { recursive: true });
    await copyFile(packed, join(to, 'Packages.xz'));
    await run('xz', ['--decompress', '--keep', join(to, 'Packages.xz')]);
  });
  const packages = buildPackageIndex([{ suite: release.codename, path: join(folder, 'Packages') }]);
  return { packages, signed, sha256 };
};
