/**
 * The whole build as data: which stages there are, in which order, and what flows from one into the next. Each list is
 * read for its names and run (`pipeline/stage-list.ts`); which stages it has depends on the recipe alone.
 */

import { basename } from 'node:path';
import type { TestReport } from './checks/report/report.ts';
import type { Lock } from './distributions/debian/archive/package-lock.ts';
import type { FileRef } from './host/files.ts';
import type { SumsProof } from './origin/sums.ts';
import { type Made, type Plan, type Steps, stageNames, stepsOf, type Walker, walkPlan } from './pipeline/stage-list.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { mediumOrigin } from './recipe/medium-origin.ts';
import {
  type ImageOfRecipe,
  type ImageOrigin,
  isAssembled,
  isImage,
  isIso,
  type MediumOrigin,
} from './recipe/origin-schema.ts';
import type { Recipe } from './recipe/schema.ts';
import { answersStage } from './stages/answers/answers-stage.ts';
import type { Base } from './stages/base.ts';
import { captureStage } from './stages/capture/capture-stage.ts';
import type { Captured } from './stages/capture/captured.ts';
import { configureStage } from './stages/configure/configure-stage.ts';
import type { DeliveredOrigin } from './stages/deliver/delivered-origin.ts';
import { installStage } from './stages/install/install-stage.ts';
import { mediumStage } from './stages/medium/medium-stage.ts';
import { extraPackagesStage, type PackageRepository } from './stages/origin/added-packages-stage.ts';
import { assembleStage } from './stages/origin/assemble-stage.ts';
import { fetchStage } from './stages/origin/fetch-stage.ts';
import { type ObtainedImage, obtainStage } from './stages/origin/obtain-stage.ts';
import { readLock, resolveStage } from './stages/origin/resolve-stage.ts';
import { unpackStage } from './stages/origin/unpack-stage.ts';
import { policyStage } from './stages/policy/policy-stage.ts';
import { prepareStage } from './stages/prepare/prepare-stage.ts';
import { type HowTested, requireTested, testInput } from './stages/test/test-input.ts';
import { testStage } from './stages/test/test-stage.ts';

export interface MadeImage {
  readonly origin: DeliveredOrigin;
  readonly captured: Captured;
  /** The medium for delivery, where the recipe asks for one beside the image. */
  readonly delivery: FileRef | undefined;
  /** Where the recipe has tests. */
  readonly tested: TestReport | undefined;
}

export interface MadeMedium {
  readonly origin: DeliveredOrigin;
  readonly medium: FileRef;
}

type List = Steps<LoadedRecipe>;

/** The image, tested where the recipe has tests, and beside it the medium for delivery where the recipe asks for one. */
const image =
  (loaded: LoadedRecipe, how: HowTested = {}): Plan<LoadedRecipe, MadeImage> =>
  (list) => {
    const { made, captured } = addImage(list, loaded);
    const { iso, below } = made;
    const { policy, tests, capture } = loaded.recipe;
    if (policy.length > 0)
      list.stage(policyStage, async (loaded) => ({ loaded, captured: await captured(), origin: await made.origin() }));
    const tested =
      tests === undefined
        ? undefined
        : list.stage(testStage, async (loaded) =>
            testInput(loaded, tests, {
              captured: await captured(),
              below: capture.thin ? await below?.() : undefined,
              how,
            }),
          );
    const delivery = iso !== undefined && loaded.recipe.capture.medium ? addDelivery(list, iso) : undefined;
    return async () => ({
      origin: await made.origin(),
      captured: await captured(),
      delivery: await delivery?.(),
      tested: requireTested(await tested?.(), how),
    });
  };

const addImage = (
  list: List,
  { recipe, parent }: LoadedRecipe,
): { readonly made: MadeBase; readonly captured: Made<Captured> } => {
  const { origin } = recipe;
  const made = isImage(origin) ? addTaken(list, origin, parent) : addInstalled(list, recipe, origin);
  const configured = list.stage(configureStage, async (loaded) => ({ loaded, base: await made.base() }));
  const captured = list.stage(captureStage, async (loaded) => ({
    loaded,
    configured: await configured(),
    below: recipe.capture.thin ? await made.below?.() : undefined,
  }));
  return { made, captured };
};

const medium =
  ({ recipe }: LoadedRecipe): Plan<LoadedRecipe, MadeMedium> =>
  (list) => {
    const { iso, origin } = addIsoWithPackages(list, recipe, mediumOrigin(recipe));
    const delivery = addDelivery(list, iso);
    return async () => ({ origin: await origin(), medium: await delivery() });
  };

interface MadeBase {
  readonly origin: Made<DeliveredOrigin>;
  readonly base: Made<Base>;
  /** The image that the build begins with. */
  readonly below?: Made<ObtainedImage>;
  /** What media are made of. */
  readonly iso?: Made<IsoWithPackages>;
}

/** A disk image that somebody else has made, or another recipe. */
const addTaken = (list: List, from: ImageOrigin, parent: LoadedRecipe | undefined): MadeBase => {
  const { image } = from;
  const title = typeof image === 'string' ? image : image.recipe;
  const { image: obtained, origin: below } =
    typeof image === 'string'
      ? { image: list.stage(obtainStage, (loaded) => ({ loaded, image, origin: from })), origin: undefined }
      : addParent(list, image, parent);
  const base = list.stage(prepareStage, async (loaded) => ({
    loaded,
    origin: from,
    obtained: await obtained(),
    title,
  }));
  const origin = async (): Promise<DeliveredOrigin> => {
    const { published, proof } = await obtained();
    return { sha256: published, proof, lock: undefined, added: undefined, parent: await below?.() };
  };
  return { origin, base, below: obtained };
};

/** All stages of the recipe below, found or made. */
const addParent = (
  list: List,
  { recipe: path }: ImageOfRecipe,
  parent: LoadedRecipe | undefined,
): { readonly image: Made<ObtainedImage>; readonly origin: Made<DeliveredOrigin> } => {
  const loadedParent = (below: LoadedRecipe | undefined): LoadedRecipe => {
    if (below === undefined) throw new Error(`${path} was not read with the recipe`);
    return below;
  };
  const below = loadedParent(parent);
  const { made, captured } = addImage(
    stepsOf(list, below.recipe.name, (above: LoadedRecipe) => loadedParent(above.parent)),
    below,
  );
  const image = async () => {
    const { images } = await captured();
    const [found] = images.toSorted((one, other) => Number(other.format === 'qcow2') - Number(one.format === 'qcow2'));
    if (found === undefined) throw new Error(`${path} has made no image`);
    return { image: found.file, format: found.format, name: basename(found.file.path), published: found.file.sha256 };
  };
  return { image, origin: made.origin };
};

const addInstalled = (list: List, recipe: Recipe, from: MediumOrigin): MadeBase => {
  const { lock, iso, origin } = addIsoWithPackages(list, recipe, from);
  const answers = list.stage(answersStage('answers'), (loaded) => ({ loaded, purpose: 'build' }));
  const medium = list.stage(mediumStage('medium'), async (loaded) => ({
    loaded,
    ...(await iso()),
    answers: await answers(),
    purpose: 'build',
  }));
  const unpacked = addUnpacked(list, recipe, lock);
  const installed = list.stage(installStage, async (loaded) => {
    const packages = (await lock?.())?.debs.filter(({ install }) => install !== undefined).length;
    return { loaded, medium: await medium(), answers: await answers(), packages, unpacked: await unpacked?.() };
  });
  return { origin, base: async () => ({ disk: (await installed()).disk, medium: await medium() }), iso };
};

interface IsoWithPackages {
  readonly iso: FileRef;
  readonly added: PackageRepository | undefined;
}

const addIsoWithPackages = (
  list: List,
  recipe: Recipe,
  from: MediumOrigin,
): {
  readonly lock: Made<Lock> | undefined;
  readonly iso: Made<IsoWithPackages>;
  readonly origin: Made<DeliveredOrigin>;
} => {
  const { lock, iso, proof } = addIso(list, from);
  const added =
    recipe.media.packages.length === 0
      ? undefined
      : list.stage(extraPackagesStage, async (loaded) => ({ loaded, iso: await iso() }));
  return {
    lock,
    iso: async () => ({ iso: await iso(), added: await added?.() }),
    origin: async () => ({
      sha256: (await iso()).sha256,
      proof: await proof?.(),
      lock: await lock?.(),
      added: await added?.(),
    }),
  };
};

interface AddedIso {
  readonly lock?: Made<Lock>;
  readonly iso: Made<FileRef>;
  readonly proof?: Made<SumsProof | undefined>;
}

const addIso = (list: List, origin: MediumOrigin): AddedIso => {
  if (isIso(origin)) {
    const fetched = list.stage(fetchStage, (loaded) => ({ loaded, origin }));
    return { iso: async () => (await fetched()).iso, proof: async () => (await fetched()).proof };
  }
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

const addDelivery = (list: List, iso: Made<IsoWithPackages>): Made<FileRef> => {
  const answers = list.stage(answersStage('delivery-answers'), (loaded) => ({ loaded, purpose: 'delivery' }));
  return list.stage(mediumStage('delivery'), async (loaded) => ({
    loaded,
    ...(await iso()),
    answers: await answers(),
    purpose: 'delivery',
  }));
};

export const imageStages = (loaded: LoadedRecipe): string[] => stageNames(image(loaded));
export const mediumStages = (loaded: LoadedRecipe): string[] => stageNames(medium(loaded));

/** Whether a machine runs for these stages, or only media are made. */
export const runsMachines = (stages: readonly string[]): boolean =>
  [installStage, configureStage, testStage].some(({ name }) =>
    stages.some((title) => title === name || title.endsWith(`: ${name}`)),
  );

/** All stages of an image, without what is done with their results; undefined when the walk ends before the last one. */
export const makeImage = (loaded: LoadedRecipe, walker: Walker, how?: HowTested): Promise<MadeImage | undefined> =>
  walkPlan(image(loaded, how), loaded, walker);

export const makeMedium = (loaded: LoadedRecipe, walker: Walker): Promise<MadeMedium | undefined> =>
  walkPlan(medium(loaded), loaded, walker);
