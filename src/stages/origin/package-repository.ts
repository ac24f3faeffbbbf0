/** Packages that a recipe adds, as a signed repository in a folder: what the stages that add them give, and how it is written. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { WrittenAddition } from '../../distributions/debian/added/ground.ts';
import type { Extra, SignedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { readSigningKey, type SigningKey } from '../../distributions/debian/added/signing-key.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef } from '../../host/files.ts';
import { linkOrCopy } from '../../origin/blobs.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';

export interface PackageRepository {
  /** `to`: absolute, on the medium. */
  readonly files: readonly { readonly to: string; readonly file: FileRef }[];
  readonly packages: readonly AddedPackage[];
  /** Where packages came from, and who signed what these have. */
  readonly repositories: readonly SignedRepository[];
  readonly signedBy: { readonly fingerprint: string; readonly key: 'the recipe' | 'the medium' };
}

export interface AddedPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly sha256: string;
  /** A path beside the recipe, or a repository and its suite. */
  readonly source: string;
  /** Its path below the address of its repository. */
  readonly at?: string;
}

/** Changes when the layout of the repository does, for the same packages. */
export const REPOSITORY_FORMAT = 3;

/** The earliest date that a repository is signed with: 2000-01-01, in seconds. */
export const EARLIEST = 946_684_800;

export const ownKey = async ({ recipe: { media }, folder }: LoadedRecipe): Promise<SigningKey | undefined> =>
  media.signingKey === undefined ? undefined : await readSigningKey(hostFile(folder, media.signingKey));

interface Target {
  readonly dir: string;
  readonly arch: string;
  readonly date: number;
  readonly key: SigningKey | undefined;
  readonly folder: string;
  readonly signal: AbortSignal;
}

export const writeRepository = async (
  extra: Extra,
  { dir, arch, date, signal, folder, ...rest }: Target,
): Promise<PackageRepository> => {
  const { EXTRA_FOLDER, packagesIndex, repositoryFiles } = await import(
    '../../distributions/debian/added/repository-files.ts'
  );
  const { derivedKey } = await import('../../distributions/debian/added/signing-key.ts');
  const stanzas = extra.packages.map(({ stanza }) => stanza);
  const key = rest.key ?? derivedKey(packagesIndex(stanzas));
  const root = join(dir, 'repository');
  const files: { to: string; file: FileRef }[] = [];
  const add = async (path: string) => {
    const file = await fileRef(join(root, path), signal);
    files.push({ to: `${EXTRA_FOLDER}/${path}`, file });
    return file;
  };
  for (const { file, filename, sha256: digest, isLocal } of extra.packages) {
    const path = join(root, filename);
    await mkdir(dirname(path), { recursive: true });
    // A file of the user's may change.
    await (isLocal ? copyFile(file, path) : linkOrCopy(file, path));
    if ((await add(filename)).sha256 !== digest)
      throw new IngotError('media.deb-changed', `${file} changed while it was read`, {
        where: file,
        hint: 'Build again.',
      });
  }
  for (const { path, content } of repositoryFiles({ stanzas, install: extra.install, arch, date }, key)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    await add(path);
  }
  return {
    files,
    packages: extra.packages.map(({ name, version, arch: built, sha256: digest, source, at, isLocal }) => ({
      name,
      version,
      arch: built,
      sha256: digest,
      source: isLocal ? relative(folder, source) : source,
      ...(at === undefined ? {} : { at }),
    })),
    repositories: extra.repositories,
    signedBy: { fingerprint: key.fingerprint, key: rest.key === undefined ? 'the medium' : 'the recipe' },
  };
};

/** As the stage wrote it: where its index is, and the words that apt is told to install. */
export const writtenAddition = async ({ files }: Pick<PackageRepository, 'files'>): Promise<WrittenAddition> => {
  const { EXTRA_FOLDER } = await import('../../distributions/debian/added/repository-files.ts');
  const path = (end: string) => files.find(({ to }) => to.startsWith(EXTRA_FOLDER) && to.endsWith(end))?.file.path;
  const [index, install] = [path('/Packages'), path('/packages/install')];
  const words = install === undefined ? '' : await readFile(install, 'utf8');
  return { index, install: words.split('\n').filter((line) => line !== '') };
};
