/** *packages*: what a recipe adds to a Debian medium, as a signed repository; its files go onto every medium of the recipe. */
import { canonicalJson } from '../../canonical-json.ts';
import type { Extra } from '../../distributions/debian/added/resolve-added.ts';
import { type FileRef, sha256 } from '../../host/files.ts';
import { readVolume } from '../../media/iso/iso9660.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { aptMemory } from './apt-memory.ts';
import { additionIn, lockedExtra } from './locked-extra.ts';
import { EARLIEST, ownKey, type PackageRepository, REPOSITORY_FORMAT, writeRepository } from './package-repository.ts';
import { debsKey, repositoriesKey } from './wanted-key.ts';
import { wantedPackages } from './wanted-packages.ts';

export interface ExtraInput {
  readonly loaded: LoadedRecipe;
  readonly iso: FileRef;
}

/** As with *resolve*: what a repository holds today is not in the key, `--refresh` looks again. */
export const extraPackagesStage: Stage<ExtraInput, PackageRepository> = {
  name: 'packages',
  async key({ loaded, iso }) {
    const { debs, repositories } = await wantedPackages(loaded);
    return {
      iso: iso.sha256,
      debs: await debsKey(debs, loaded.folder),
      repositories: await repositoriesKey(repositories),
      signedBy: (await ownKey(loaded))?.fingerprint ?? null,
      format: REPOSITORY_FORMAT,
    };
  },
  async run({ loaded, iso }, { dir, shared, reporter, allowOlder, signal }) {
    const { mediumGround } = await import('../../distributions/debian/added/ground.ts');
    const { resolveExtra } = await import('../../distributions/debian/added/resolve-added.ts');
    const { arch } = loaded.recipe.os;
    const wanted = await wantedPackages(loaded);
    const store = openBlobs(shared('packages'));
    const { seen, lists } = aptMemory(shared, allowOlder);
    const ground = (work: string) => mediumGround(iso.path, work, signal);
    const extra = await resolveExtra({ ...wanted, ground, arch, store, folder: dir, seen, lists, reporter, signal });
    for (const note of notesOf(extra)) reporter.note(note);
    const date = Math.max((await readVolume(iso.path)).created, EARLIEST);
    return writeRepository(extra, { dir, arch, date, key: await ownKey(loaded), folder: loaded.folder, signal });
  },
};

/** The same of a build that keeps to a lock. */
export const frozenPackagesStage: Stage<ExtraInput, PackageRepository> = {
  name: 'packages',
  async key({ loaded, iso }) {
    return {
      iso: iso.sha256,
      locked: sha256(canonicalJson(additionIn(loaded))),
      signedBy: (await ownKey(loaded))?.fingerprint ?? null,
      format: REPOSITORY_FORMAT,
    };
  },
  async run({ loaded, iso }, { dir, shared, reporter, signal }) {
    const { arch } = loaded.recipe.os;
    const extra = await lockedExtra(loaded, openBlobs(shared('packages')), { reporter, signal });
    const date = Math.max((await readVolume(iso.path)).created, EARLIEST);
    return writeRepository(extra, { dir, arch, date, key: await ownKey(loaded), folder: loaded.folder, signal });
  },
};

const notesOf = ({ there, packages, elsewhere }: Extra): string[] => [
  ...there.map((one) => `${one.replace('=', ' ')} is on the medium already; it is not added again`),
  ...packages.flatMap(({ name, version }) =>
    (elsewhere.get(name) ?? []).map((other) => `${name} ${version} is added; the medium has ${other} too`),
  ),
];
