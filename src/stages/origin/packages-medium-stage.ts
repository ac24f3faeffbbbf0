/** *packages-medium*: added packages as a small ISO, for a machine that begins with a disk image. It is found as an install medium is. */
import { join } from 'node:path';
import { type FileRef, fileRef, temporaryFolder } from '../../host/files.ts';
import { toolVersion } from '../../host/tools.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { PackageRepository } from './package-repository.ts';

interface PackagesMediumInput {
  readonly added: PackageRepository;
}

export interface PackagesMedium {
  /** Absent where nothing has to be added. */
  readonly iso?: FileRef;
}

export const packagesMediumStage: Stage<PackagesMediumInput, PackagesMedium> = {
  name: 'packages-medium',
  key: async ({ added }) => ({
    files: Object.fromEntries(added.files.map(({ to, file }) => [to, file.sha256])),
    xorriso: await toolVersion('xorriso'),
  }),
  async run({ added }, { dir, signal }) {
    if (added.packages.length === 0) return {};
    const { writePackagesVolume } = await import('../../media/packages-volume.ts');
    await using work = await temporaryFolder('.tree-', dir);
    const iso = join(dir, 'packages.iso');
    await writePackagesVolume(added.files, { folder: work.path, output: iso, signal });
    return { iso: await fileRef(iso, signal) };
  },
};
