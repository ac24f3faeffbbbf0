/** *packages*: what a recipe adds to a Debian medium, as a signed repository; its files go onto every medium of the recipe. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { canonicalJson } from '../../canonical-json.ts';
import type { RepositorySource } from '../../distributions/debian/added/apt-with-sources.ts';
import type { ExtraPackage } from '../../distributions/debian/added/candidates.ts';
import type { Extra, SignedRepository, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { readSigningKey, type SigningKey } from '../../distributions/debian/added/signing-key.ts';
import { NEWEST } from '../../distributions/debian/archive/newest-seen.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, sha256, sha256File } from '../../host/files.ts';
import { readVolume } from '../../media/iso/iso9660.ts';
import { type BlobStore, linkOrCopy, openBlobs } from '../../origin/blobs.ts';
import type { Json, Stage } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { LockedAddition } from '../../recipe/schema/lock-schema.ts';
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

/** The same of a build that keeps to a lock: nothing is chosen, all is taken as it is named. */
export const frozenPackagesStage: Stage<ExtraInput, PackageRepository> = {
  name: 'packages',
  async key({ loaded, iso }) {
    return {
      iso: iso.sha256,
      locked: sha256(canonicalJson(additionIn(loaded))),
      signedBy: (await ownKey(loaded))?.fingerprint ?? null,
      format: FORMAT,
    };
  },
  async run({ loaded, iso }, { dir, shared, signal }) {
    const { arch } = loaded.recipe.os;
    const extra = await lockedExtra(loaded, openBlobs(shared('packages')));
    const date = Math.max((await readVolume(iso.path)).created, SECONDS_2000);
    return writeRepository(extra, { dir, arch, date, key: await ownKey(loaded), folder: loaded.folder, signal });
  },
};

const additionIn = ({ frozen }: LoadedRecipe): LockedAddition =>
  frozen?.build.added ?? { repositories: [], install: [], packages: [] };

/** Local .debs are found by their digest, the others in the store. Throws `lock.cannot-be-had`. */
const lockedExtra = async (loaded: LoadedRecipe, store: BlobStore): Promise<Extra> => {
  const { install, packages, repositories } = additionIn(loaded);
  const local = new Map<string, string>();
  for (const { path } of (await wantedPackages(loaded)).debs) local.set(await sha256File(path), path);
  const found: ExtraPackage[] = [];
  const missing: string[] = [];
  for (const { file: filename, from: source, ...one } of packages) {
    const path = local.get(one.sha256);
    if (path !== undefined) found.push({ ...one, filename, source: path, file: path, isLocal: true });
    else if (await store.has(one))
      found.push({ ...one, filename, source, file: await store.checked(one, one.name), isLocal: false });
    else missing.push(`${one.name} ${one.version}  sha256 ${one.sha256}  ${source}`);
  }
  const signed = repositories.map(({ from, ...one }) => ({ url: from, ...one }));
  if (missing.length === 0) return { repositories: signed, packages: found, install, there: [], elsewhere: new Map() };
  throw new IngotError(
    'lock.cannot-be-had',
    `${missing.length} of the added packages that the lock names cannot be had`,
    {
      where: loaded.frozen?.where,
      detail: missing.join('\n'),
      hint: 'A bundle of that time has them (`ingot build --bundle`); `ingot lock --update` takes what is there today.',
    },
  );
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
    packages: extra.packages.map(({ name, version, arch: built, sha256: digest, source, isLocal }) => ({
      name,
      version,
      arch: built,
      sha256: digest,
      source: isLocal ? relative(folder, source) : source,
    })),
    repositories: extra.repositories,
    signedBy: { fingerprint: key.fingerprint, key: rest.key === undefined ? 'the medium' : 'the recipe' },
  };
};
