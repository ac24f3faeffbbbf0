/** *packages*: what a recipe adds to a Debian medium, as a signed repository; its files go onto every medium of the recipe. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { RepositorySource } from '../../distributions/debian/added/apt-with-sources.ts';
import type { Extra, SignedRepository, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { readSigningKey, type SigningKey } from '../../distributions/debian/added/signing-key.ts';
import { NEWEST } from '../../distributions/debian/archive/newest-seen.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, sha256File } from '../../host/files.ts';
import { readVolume } from '../../media/iso/iso9660.ts';
import { linkOrCopy, openBlobs } from '../../origin/blobs.ts';
import type { Json, Stage } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { wantedPackages } from './wanted-packages.ts';

export interface ExtraInput {
  readonly loaded: LoadedRecipe;
  readonly iso: FileRef;
}

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
}

/** Changes when the layout of the repository does, for the same packages. */
const FORMAT = 2;
const SECONDS_2000 = 946_684_800;

/** As with *resolve*: what a repository holds today is not in the key, `--refresh` looks again. */
export const extraPackagesStage: Stage<ExtraInput, PackageRepository> = {
  name: 'packages',
  async key({ loaded, iso }) {
    const { debs, repositories } = await wantedPackages(loaded);
    return {
      iso: iso.sha256,
      debs: Object.fromEntries(
        await Promise.all(
          debs.map(async ({ path, install }) => [relative(loaded.folder, path), await debKey(path, install)]),
        ),
      ),
      repositories: await Promise.all(repositories.map(repositoryKey)),
      signedBy: (await ownKey(loaded))?.fingerprint ?? null,
      format: FORMAT,
    };
  },
  async run({ loaded, iso }, { dir, shared, reporter, allowOlder, signal }) {
    const { resolveExtra } = await import('../../distributions/debian/added/resolve-added.ts');
    const { arch } = loaded.recipe.os;
    const wanted = await wantedPackages(loaded);
    const store = openBlobs(shared('packages'));
    const seen = { folder: join(shared('host'), 'apt', NEWEST), allowOlder };
    const extra = await resolveExtra({ ...wanted, iso: iso.path, arch, store, folder: dir, seen, reporter, signal });
    for (const note of notesOf(extra)) reporter.note(note);
    const date = Math.max((await readVolume(iso.path)).created, SECONDS_2000);
    return writeRepository(extra, { dir, arch, date, key: await ownKey(loaded), folder: loaded.folder, signal });
  },
};

const debKey = async (path: string, install: boolean): Promise<Json> => ({ sha256: await sha256File(path), install });

const repositoryKey = async ({ url, suite, components, keys, packages, install }: WantedRepository): Promise<Json> => ({
  url,
  suite,
  components,
  keys: await keyDigests(keys),
  packages,
  install,
});

const keyDigests = (keys: RepositorySource['keys']): Promise<string[]> =>
  Promise.all(keys.map((key) => (key.startsWith('/') ? sha256File(key) : key)));

const ownKey = async ({ recipe: { media }, folder }: LoadedRecipe): Promise<SigningKey | undefined> =>
  media.signingKey === undefined ? undefined : await readSigningKey(hostFile(folder, media.signingKey));

const notesOf = ({ there, packages, elsewhere }: Extra): string[] => [
  ...there.map((one) => `${one.replace('=', ' ')} is on the medium already; it is not added again`),
  ...packages.flatMap(({ name, version }) =>
    (elsewhere.get(name) ?? []).map((other) => `${name} ${version} is added; the medium has ${other} too`),
  ),
];

interface Target {
  readonly dir: string;
  readonly arch: string;
  readonly date: number;
  readonly key: SigningKey | undefined;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const writeRepository = async (
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
  for (const { file, filename, sha256, isLocal } of extra.packages) {
    const path = join(root, filename);
    await mkdir(dirname(path), { recursive: true });
    // A file of the user's may change.
    await (isLocal ? copyFile(file, path) : linkOrCopy(file, path));
    if ((await add(filename)).sha256 !== sha256)
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
    packages: extra.packages.map(({ name, version, arch: built, sha256, source, isLocal }) => ({
      name,
      version,
      arch: built,
      sha256,
      source: isLocal ? relative(folder, source) : source,
    })),
    repositories: extra.repositories,
    signedBy: { fingerprint: key.fingerprint, key: rest.key === undefined ? 'the medium' : 'the recipe' },
  };
};
