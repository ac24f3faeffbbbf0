/**
 * *packages* of a build that begins with a disk image: what the image does not have and the recipe needs, chosen on the host
 * against the packages of the image, and fetched, before any machine starts. What a machine with an open network can
 * fetch itself is left to it.
 */
import { canonicalJson } from '../../canonical-json.ts';
import type { Ground } from '../../distributions/debian/added/ground.ts';
import type { Extra, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { wantedByAnswers } from '../../distributions/debian/adopted/wanted.ts';
import { IngotError, retold } from '../../errors.ts';
import { type FileRef, sha256, sha256File } from '../../host/files.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Json, Stage, StageContext } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isImage, type MirrorFields } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { furtherSuites, wishOf } from '../../recipe/values/package-wish.ts';
import { aptMemory } from './apt-memory.ts';
import { additionIn, lockedExtra } from './locked-extra.ts';
import {
  EARLIEST,
  type PackageRepository,
  REPOSITORY_FORMAT,
  writeRepository,
  writtenAddition,
} from './package-repository.ts';
import { debsKey, repositoriesKey } from './wanted-key.ts';
import { mirrorRepositories, namedRepositories, wantedDebs } from './wanted-packages.ts';

export interface ImagePackagesInput {
  readonly loaded: LoadedRecipe;
  readonly image: FileRef;
  /** What recipes below put into that image, the lowest first, where the image is not made yet: for a lock. */
  readonly below?: readonly PackageRepository[] | undefined;
}

/** Whether such a build needs packages that its machine cannot fetch, as far as the recipe tells. */
export const addsToImage = (recipe: Recipe): boolean =>
  isImage(recipe.origin) &&
  recipe.os.family === 'debian' &&
  (recipe.media.packages.length > 0 || namesFor(recipe).length > 0);

/** In apt's words. */
export const namesFor = (recipe: Recipe): string[] =>
  recipe.machine.network === 'open' ? [] : wantedByAnswers(recipe);

/** What a repository or mirror holds today is not in the key, `--refresh` looks again. */
export const imagePackagesStage: Stage<ImagePackagesInput, PackageRepository> = {
  name: 'packages',
  key: async ({ loaded, image, below = [] }) => ({
    image: image.sha256,
    ...(below.length === 0 ? {} : { below: below.map(({ files }) => files.map(({ file }) => file.sha256)) }),
    names: namesFor(loaded.recipe).sort(),
    debs: await debsKey(await wantedDebs(loaded), loaded.folder),
    repositories: await repositoriesKey(namedRepositories(loaded)),
    mirrors: await mirrorsKey(loaded),
    format: REPOSITORY_FORMAT,
  }),
  async run(input, context) {
    const wanted = await wantedIn(input, context.signal);
    return write(wanted === undefined ? NONE : await chosen(wanted, context), input.loaded, context);
  },
};

/** The same of a build that keeps to a lock; without a word of the lock there must be nothing to add. */
export const frozenImagePackagesStage: Stage<ImagePackagesInput, PackageRepository> = {
  name: 'packages',
  key: async ({ loaded, image }) => ({
    image: image.sha256,
    locked: sha256(canonicalJson(additionIn(loaded))),
    format: REPOSITORY_FORMAT,
  }),
  async run(input, context) {
    const { loaded } = input;
    if (loaded.frozen?.build.added === undefined) await requireNothing(input, context.signal);
    return write(await lockedExtra(loaded, openBlobs(context.shared('packages')), context), loaded, context);
  },
};

/** The image of a recipe that begins with an installation is made by machines, so what it lacks is not known to a lock. */
const requireNothing = async (input: ImagePackagesInput, signal: AbortSignal): Promise<void> => {
  const wanted = await wantedIn(input, signal);
  if (wanted === undefined) return;
  const { names, loaded } = wanted;
  throw new IngotError('lock.no-packages', 'the lock has no packages for an image of another recipe', {
    where: loaded.frozen?.where,
    detail: names.length === 0 ? 'asked for by media.packages' : `the image lacks ${names.join(', ')}`,
    hint: 'Install them in the recipe below, which has its packages in the lock; or build without --locked.',
  });
};

/** Undefined where the image has all. */
const wantedIn = async (
  { loaded, image, below = [] }: ImagePackagesInput,
  signal: AbortSignal,
): Promise<Wanted | undefined> => {
  const { groundWith, imageGround } = await import('../../distributions/debian/added/ground.ts');
  const { openImage } = await import('../../capture/open-image.ts');
  await using opened = await openImage(image.path, signal);
  let ground = await imageGround(opened.files);
  for (const one of below) ground = groundWith(ground, await writtenAddition(one));
  const names = missingFrom(ground, namesFor(loaded.recipe));
  return names.length > 0 || loaded.recipe.media.packages.length > 0 ? { loaded, ground, names } : undefined;
};

const NONE: Extra = { repositories: [], packages: [], install: [], there: [], elsewhere: new Map() };

/** A package with a version or a suite is apt's to judge. */
const missingFrom = (ground: Ground, names: readonly string[]): string[] =>
  names.filter((word) => wishOf(word).name !== word || ground.find(word).length === 0);

interface Wanted {
  readonly loaded: LoadedRecipe;
  readonly ground: Ground;
  readonly names: readonly string[];
}

const chosen = async ({ loaded, ground, names }: Wanted, context: StageContext): Promise<Extra> => {
  const { resolveExtra } = await import('../../distributions/debian/added/resolve-added.ts');
  const { dir, shared, reporter, allowOlder, signal } = context;
  const debs = await wantedDebs(loaded);
  const { seen, lists } = aptMemory(shared, allowOlder);
  const extra = await naming(names, async () =>
    resolveExtra({
      ...{ debs, names, repositories: await repositoriesOf(loaded, names), ground: async () => ground, seen, lists },
      ...{ arch: loaded.recipe.os.arch, store: openBlobs(shared('packages')), folder: dir, reporter, signal },
    }),
  );
  for (const request of extra.there) reporter.note(`${request.replace('=', ' ')} is in the image already`);
  for (const { name, version } of extra.packages)
    for (const other of extra.elsewhere.get(name) ?? [])
      reporter.note(`${name} ${version} takes the place of ${other}`);
  return extra;
};

/** As the recipe names them: what the host's apt says is not looked at until something has to be fetched. */
const mirrorsKey = async ({ recipe, folder }: LoadedRecipe): Promise<Json> => {
  const { mirror, securityMirror, keyring } = mirrorsIn(recipe);
  return {
    mirror: mirror ?? null,
    securityMirror: securityMirror ?? null,
    keyring: keyring === undefined ? null : await sha256File(hostFile(folder, keyring)),
  };
};

const mirrorsIn = ({ origin }: Recipe): MirrorFields => (isImage(origin) ? origin : {});

const repositoriesOf = async (loaded: LoadedRecipe, names: readonly string[]): Promise<WantedRepository[]> => [
  ...namedRepositories(loaded),
  ...(await mirrorRepositories(loaded, mirrorsIn(loaded.recipe), furtherSuites(names))),
];

/** Where no mirror can be asked, the packages that one is asked for are named. */
const naming = async <T>(names: readonly string[], work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IngotError) || names.length === 0 || !/^origin\.mirror/.test(error.code)) throw error;
    throw retold(error, {
      message: `the image lacks ${names.join(', ')}, and ${error.message}`,
      hint: 'A mirror that the host can reach has to have them; or take an image that has them, a bundle (`ingot build --bundle`), or .debs beside the recipe (`media.packages`).',
    });
  }
};

/** Nobody but this build reads it, so a key made from its content will do. */
const write = (extra: Extra, { recipe, folder }: LoadedRecipe, { dir, signal }: StageContext) =>
  writeRepository(extra, { dir, arch: recipe.os.arch, date: EARLIEST, key: undefined, folder, signal });
