/**
 * The image of a finished folder, built once more: from the same recipe, lock and choices, in a store that has nothing which a machine made.
 */
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import { makeFolders } from '../host/folders.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Build } from './build-session.ts';

export interface AgainOptions {
  readonly recipe?: string | undefined;
  readonly var: Readonly<Record<string, string>>;
  readonly store?: string | undefined;
  readonly work?: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
}

/** What is made again: the folder, and the manifest in it, which may come from anybody. */
export interface Once {
  readonly folder: string;
  readonly manifest: { readonly name: string; readonly [field: string]: unknown };
}

/** Puts the finished folder below `out`, and says where it is. */
export type BuildsImage = (
  loaded: LoadedRecipe,
  build: Build & { readonly out: string },
) => Promise<{ readonly output: string } | undefined>;

/** The folder of the one that was built now; undefined when the build failed, which the screen has told. */
export const madeAgain = async (
  { folder, manifest }: Once,
  options: AgainOptions,
  buildsImage: BuildsImage = buildsIt,
): Promise<string | undefined> => {
  const { imageStages, runsMachines } = await import('../plan.ts');
  const { defaultStoreFolder } = await import('../pipeline/store.ts');
  const { seedStore } = await import('../pipeline/seed-store.ts');
  const { resultsOf, runSession } = await import('./build-session.ts');
  const stated = made.parse(manifest);
  const own = await recipeOf(manifest.name, options);
  if (stated.recipe?.digest !== own.digest)
    throw new IngotError('usage.other-recipe', 'the recipe is not the one that the image was made from', {
      where: own.path,
      hint: 'Take the recipe as it was then, with the same variables (`--var`) and the same files that it names.',
    });
  const loaded = await asItWasLocked(own, stated);
  const work = options.work === undefined ? `${resolve(folder)}.again` : resolve(options.work);
  const store = join(work, 'store');
  await makeFolders(work);
  await seedStore(store, resolve(options.store ?? defaultStoreFolder()));
  const stages = imageStages(loaded);
  const request = {
    loaded,
    stages,
    runsMachines: runsMachines(stages),
    work: (build: Build) => buildsImage(loaded, { ...build, out: join(work, 'out') }),
  };
  const outcomes = await runSession([request], { ...options, store });
  const [outcome] = outcomes;
  if (outcome?.error instanceof IngotError && outcome.error.code !== 'interrupted') return undefined;
  return resultsOf(outcomes)[0]?.output;
};

const buildsIt: BuildsImage = async (loaded, build) => {
  const { buildImage } = await import('../builds.ts');
  return buildImage(loaded, build);
};

/** What a manifest says of recipe and lock; nothing where it says it in another form. */
const made = z.object({
  recipe: z.object({ digest: z.string() }).optional().catch(undefined),
  lock: z.object({ file: z.string(), sha256: z.string() }).optional().catch(undefined),
});

/** With the lock that it was built with, where it was built with one. */
const asItWasLocked = async (loaded: LoadedRecipe, { lock }: z.output<typeof made>): Promise<LoadedRecipe> => {
  if (lock === undefined) return loaded;
  const { frozenRecipe } = await import('../lock/frozen-recipe.ts');
  const frozen = await frozenRecipe(loaded);
  if (frozen.frozen?.sha256 === lock.sha256) return frozen;
  throw new IngotError('usage.other-lock', 'the lock is not the one that the image was built with', {
    where: frozen.frozen?.where,
    hint: `Take ${lock.file} as it was then, from version control: its SHA-256 is ${lock.sha256}.`,
  });
};

const recipeOf = async (name: string, { recipe, var: variables }: AgainOptions): Promise<LoadedRecipe> => {
  if (recipe === undefined)
    throw new IngotError('usage.no-recipe-named', 'an image is made again from its recipe', {
      hint: 'Name it with --recipe, or a second folder with --with.',
    });
  const { loadVariants } = await import('../recipe/load.ts');
  const all = await loadVariants(recipe, { variables, env: process.env });
  const found = all.find((one) => one.recipe.name === name);
  if (found !== undefined) return found;
  throw new IngotError('usage.other-recipe', `this recipe makes no image named ${name}`, {
    where: recipe,
    hint: `It makes ${all.map((one) => one.recipe.name).join(', ')}.`,
  });
};
