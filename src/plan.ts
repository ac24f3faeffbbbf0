/**
 * The whole build as data: which stages there are, in which order, and what flows from one into the next. Each list is
 * read for its names and run (`pipeline/stage-list.ts`); which stages it has depends on the recipe alone.
 */

import type { Lock } from './distributions/debian/archive/package-lock.ts';
import type { FileRef } from './host/files.ts';
import { type Made, type Plan, type Steps, stageNames, type Walker, walkPlan } from './pipeline/stage-list.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { isAssembled, isIso } from './recipe/origin-schema.ts';
import type { Recipe } from './recipe/schema.ts';
import { answersStage } from './stages/answers/answers-stage.ts';
import { captureStage } from './stages/capture/capture-stage.ts';
import type { Captured } from './stages/capture/captured.ts';
import { configureStage } from './stages/configure/configure-stage.ts';
import { installStage } from './stages/install/install-stage.ts';
import { mediumStage } from './stages/medium/medium-stage.ts';
import { extraPackagesStage, type PackageRepository } from './stages/origin/added-packages-stage.ts';
import { assembleStage } from './stages/origin/assemble-stage.ts';
import { fetchStage } from './stages/origin/fetch-stage.ts';
import { readLock, resolveStage } from './stages/origin/resolve-stage.ts';
import { unpackStage } from './stages/origin/unpack-stage.ts';

export interface MadeOrigin {
  readonly iso: FileRef;
  /** What an assembled medium is made of. */
  readonly lock: Lock | undefined;
  /** What the recipe adds to its packages. */
  readonly added: PackageRepository | undefined;
}

export interface MadeImage {
  readonly origin: MadeOrigin;
  readonly captured: Captured;
  /** The medium for delivery, where the recipe asks for one beside the image. */
  readonly delivery: FileRef | undefined;
}

export interface MadeMedium {
  readonly origin: MadeOrigin;
  readonly medium: FileRef;
}

type List = Steps<LoadedRecipe>;

/** The image, and beside it the medium for delivery where the recipe asks for one. */
const image =
  (recipe: Recipe): Plan<LoadedRecipe, MadeImage> =>
  (list) => {
    const { lock, origin } = addOrigin(list, recipe);
    const answers = list.stage(answersStage('answers'), (loaded) => ({ loaded, purpose: 'build' }));
    const medium = list.stage(mediumStage('medium'), async (loaded) => {
      const { iso, added } = await origin();
      return { loaded, iso, answers: await answers(), purpose: 'build', added };
    });
    const unpacked = addUnpacked(list, recipe, lock);
    const installed = list.stage(installStage, async (loaded) => {
      const packages = (await lock?.())?.debs.filter(({ install }) => install !== undefined).length;
      return { loaded, medium: await medium(), answers: await answers(), packages, unpacked: await unpacked?.() };
    });
    const configured = list.stage(configureStage, async (loaded) => {
      const { disk } = await installed();
      return { loaded, base: { disk, medium: await medium() } };
    });
    const captured = list.stage(captureStage, async (loaded) => ({ loaded, configured: await configured() }));
    const delivery = recipe.capture.medium ? addDelivery(list, origin) : undefined;
    return async () => ({ origin: await origin(), captured: await captured(), delivery: await delivery?.() });
  };

const medium =
  (recipe: Recipe): Plan<LoadedRecipe, MadeMedium> =>
  (list) => {
    const { origin } = addOrigin(list, recipe);
    const delivery = addDelivery(list, origin);
    return async () => ({ origin: await origin(), medium: await delivery() });
  };

const addOrigin = (
  list: List,
  recipe: Recipe,
): { readonly lock: Made<Lock> | undefined; readonly origin: Made<MadeOrigin> } => {
  const { lock, iso } = addIso(list, recipe);
  const added =
    recipe.media.packages.length === 0
      ? undefined
      : list.stage(extraPackagesStage, async (loaded) => ({ loaded, iso: await iso() }));
  return { lock, origin: async () => ({ lock: await lock?.(), iso: await iso(), added: await added?.() }) };
};

const addIso = (list: List, { origin }: Recipe): { readonly lock?: Made<Lock>; readonly iso: Made<FileRef> } => {
  if (isIso(origin)) return { iso: list.stage(fetchStage, (loaded) => ({ loaded, origin })) };
  // An origin of another form is a type error here.
  if (!isAssembled(origin)) return origin satisfies never;
  const resolved = list.stage(resolveStage, (loaded) => ({ loaded, origin }));
  const lock = list.value(async ({ verify }) => {
    await verify(await resolved());
    return readLock(await resolved());
  });
  return { lock, iso: list.stage(assembleStage, async (loaded) => ({ loaded, origin, lock: await lock() })) };
};

/** The packages of an assembled medium, unpacked for the build's own installation. */
const addUnpacked = (
  list: List,
  { origin, tuning }: Recipe,
  lock: Made<Lock> | undefined,
): Made<FileRef | undefined> | undefined => {
  if (lock === undefined || !isAssembled(origin) || tuning.skip.includes('unpacked-packages')) return undefined;
  const unpacked = list.stage(unpackStage, async (loaded) => ({ loaded, origin, lock: await lock() }));
  return async () => (await unpacked()).image;
};

const addDelivery = (list: List, origin: Made<MadeOrigin>): Made<FileRef> => {
  const answers = list.stage(answersStage('delivery-answers'), (loaded) => ({ loaded, purpose: 'delivery' }));
  return list.stage(mediumStage('delivery'), async (loaded) => {
    const { iso, added } = await origin();
    return { loaded, iso, answers: await answers(), purpose: 'delivery', added };
  });
};

export const imageStages = (recipe: Recipe): string[] => stageNames(image(recipe));
export const mediumStages = (recipe: Recipe): string[] => stageNames(medium(recipe));

/** Whether a machine runs for these stages, or only media are made. */
export const runsMachines = (stages: readonly string[]): boolean => stages.includes(installStage.name);

/** All stages of an image, without what becomes of their results; undefined when the walk ends before the last one. */
export const makeImage = (loaded: LoadedRecipe, walker: Walker): Promise<MadeImage | undefined> =>
  walkPlan(image(loaded.recipe), loaded, walker);

export const makeMedium = (loaded: LoadedRecipe, walker: Walker): Promise<MadeMedium | undefined> =>
  walkPlan(medium(loaded.recipe), loaded, walker);
