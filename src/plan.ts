/**
 * The whole build as data: which stages there are, in which order, and what flows from one into the next. Each list is
 * read for its names and run (`pipeline/stage-list.ts`); which stages it has depends on the recipe alone.
 */

import { basename } from 'node:path';
import type { AnswerFile } from './answers/answer-set.ts';
import type { TestReport } from './checks/report/report.ts';
import type { Lock } from './distributions/debian/archive/package-lock.ts';
import type { FileRef } from './host/files.ts';
import type { SumsProof } from './origin/sums.ts';
import { type Made, type Plan, type Steps, stageNames, stepsOf, type Walker, walkPlan } from './pipeline/stage-list.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { mediumOrigin } from './recipe/medium-origin.ts';
import {
  type AssembledOrigin,
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
import {
  extraPackagesStage,
  frozenPackagesStage,
  type PackageRepository,
} from './stages/origin/added-packages-stage.ts';
import { assembleStage } from './stages/origin/assemble-stage.ts';
import { fetchStage } from './stages/origin/fetch-stage.ts';
import { frozenResolveStage, pinned } from './stages/origin/frozen.ts';
import { type ObtainedImage, obtainStage } from './stages/origin/obtain-stage.ts';
import { readLock, resolveStage } from './stages/origin/resolve-stage.ts';
import { unpackStage } from './stages/origin/unpack-stage.ts';
import { policyStage } from './stages/policy/policy-stage.ts';
import { prepareStage } from './stages/prepare/prepare-stage.ts';
import { type HowTested, requireTested, testInput } from './stages/test/test-input.ts';
import { testStage } from './stages/test/test-stage.ts';
import type { DiskState, TrustResult } from './stages/trust/trust-input.ts';
import { trustStage } from './stages/trust/trust-stage.ts';

export interface MadeImage {
  readonly origin: DeliveredOrigin;
  readonly captured: Captured;
  /** What accounts for its files. */
  readonly trusted: TrustResult;
  /** The medium for delivery, where the recipe asks for one beside the image. */
  readonly delivery: FileRef | undefined;
  /** Where the recipe has tests. */
  readonly tested: TestReport | undefined;
}

export interface MadeMedium {
  readonly origin: DeliveredOrigin;
  readonly medium: FileRef;
}

/** What the command line says of how the result is judged. */
export interface HowJudged extends HowTested {
  /** A folder with feeds of vulnerabilities, for a policy that asks for them. */
  readonly feeds?: string | undefined;
}

type List = Steps<LoadedRecipe>;

/** The image, tested where the recipe has tests, and beside it the medium for delivery where the recipe asks for one. */
const image =
  (loaded: LoadedRecipe, how: HowJudged = {}): Plan<LoadedRecipe, MadeImage> =>
  (list) => {
    const { made, captured, states } = addImage(list, loaded);
    const { iso, below } = made;
    const { policy, tests, capture } = loaded.recipe;
    const trusted = list.stage(trustStage, async (loaded) => ({
      loaded,
      captured: await captured(),
      states: await states(),
      lock: await made.lock?.(),
      answers: (await made.answers?.()) ?? [],
    }));
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
    if (policy.length > 0)
      list.stage(policyStage, async (loaded) => ({
        loaded,
        captured: await captured(),
        origin: await made.origin(),
        trusted: await trusted(),
        tested: await tested?.(),
        feeds: how.feeds,
      }));
    const delivery = iso !== undefined && loaded.recipe.capture.medium ? addDelivery(list, iso) : undefined;
    return async () => ({
      origin: await made.origin(),
      captured: await captured(),
      trusted: await trusted(),
      delivery: await delivery?.(),
      tested: requireTested(await tested?.(), how),
    });
  };

const addImage = (
  list: List,
  loaded: LoadedRecipe,
): { readonly made: MadeBase; readonly captured: Made<Captured>; readonly states: Made<readonly DiskState[]> } => {
  const { recipe, parent } = loaded;
  const { origin } = recipe;
  const made = isImage(origin) ? addTaken(list, origin, parent) : addInstalled(list, loaded, origin);
  const configured = list.stage(configureStage, async (own) => ({ loaded: own, base: await made.base() }));
  const captured = list.stage(captureStage, async (own) => ({
    loaded: own,
    configured: await configured(),
    below: recipe.capture.thin ? await made.below?.() : undefined,
    lock: recipe.capture.reproducible ? (await made.origin()).lock : undefined,
  }));
  const states = async () => [
    ...((await made.states?.()) ?? [{ disk: (await made.base()).disk, by: '' }]),
    { disk: (await configured()).disk, by: `the build of ${recipe.name}` },
  ];
  return { made, captured, states };
};

const medium =
  (loaded: LoadedRecipe): Plan<LoadedRecipe, MadeMedium> =>
  (list) => {
    const { iso, origin } = addIsoWithPackages(list, loaded, mediumOrigin(loaded.recipe));
    const delivery = addDelivery(list, iso);
    return async () => ({ origin: await origin(), medium: await delivery() });
  };

/**
 * What a lock names of where a build begins: the list of packages or the file, and what is added to the medium. Of a recipe
 * that begins with another one, that one has it.
 */
export interface MadeInputs {
  readonly lock: Lock | undefined;
  readonly file: { readonly sha256: string; readonly proof: SumsProof | undefined } | undefined;
  readonly added: PackageRepository | undefined;
  readonly below: MadeInputs | undefined;
}

const inputs =
  (loaded: LoadedRecipe): Plan<LoadedRecipe, MadeInputs> =>
  (list) => {
    const { recipe, parent } = loaded;
    const { origin } = recipe;
    const none = { lock: undefined, file: undefined, added: undefined, below: undefined };
    if (isImage(origin)) {
      const { image: from } = origin;
      if (typeof from === 'string') {
        const obtained = list.stage(obtainStage, (own) => ({
          loaded: own,
          image: from,
          origin: pinned(origin, own.frozen?.build.image),
        }));
        return async () => {
          const { published, proof } = await obtained();
          return { ...none, file: { sha256: published, proof } };
        };
      }
      const below = loadedParent(parent, from.recipe);
      const made = inputs(below)(
        stepsOf(list, below.recipe.name, (above: LoadedRecipe) => loadedParent(above.parent, from.recipe)),
      );
      return async () => ({ ...none, below: await made() });
    }
    if (isAssembled(origin) && recipe.media.packages.length === 0) {
      const { lock } = addIsoLock(list, origin, loaded.frozen !== undefined);
      return async () => ({ ...none, lock: await lock() });
    }
    const { lock, origin: made } = addIsoWithPackages(list, loaded, origin);
    return async () => {
      const { sha256, proof, added } = await made();
      const file = isIso(origin) ? { sha256, proof } : undefined;
      return { ...none, lock: await lock?.(), file, added };
    };
  };

interface MadeBase {
  readonly origin: Made<DeliveredOrigin>;
  readonly base: Made<Base>;
  /** The image that the build begins with. */
  readonly below?: Made<ObtainedImage>;
  /** What media are made of. */
  readonly iso?: Made<IsoWithPackages>;
  /** What the packages of the system were taken by. */
  readonly lock?: Made<Lock | undefined>;
  /** Disks of recipes below, where the image that the build begins with is of one. */
  readonly states?: Made<readonly DiskState[]>;
  /** What the recipe's answers write into the system. */
  readonly answers?: Made<readonly AnswerFile[]>;
}

/** A disk image that somebody else has made, or another recipe. */
const addTaken = (list: List, from: ImageOrigin, parent: LoadedRecipe | undefined): MadeBase => {
  const { image } = from;
  const title = typeof image === 'string' ? image : image.recipe;
  const below: ImageBelow =
    typeof image === 'string'
      ? {
          obtained: list.stage(obtainStage, (loaded) => ({
            loaded,
            image,
            origin: pinned(from, loaded.frozen?.build.image),
          })),
        }
      : addParent(list, image, parent);
  const { obtained, origin: parentOrigin, ...known } = below;
  const base = list.stage(prepareStage, async (loaded) => ({
    loaded,
    origin: from,
    obtained: await obtained(),
    title,
  }));
  const origin = async (): Promise<DeliveredOrigin> => {
    const { published, proof } = await obtained();
    return { sha256: published, proof, lock: undefined, added: undefined, parent: await parentOrigin?.() };
  };
  return { origin, base, below: obtained, ...known };
};

/** The image that a build begins with, and what its own build knows of it. */
interface ImageBelow extends Pick<MadeBase, 'lock' | 'states' | 'answers'> {
  readonly obtained: Made<ObtainedImage>;
  readonly origin?: Made<DeliveredOrigin>;
}

/** All stages of the recipe below, found or made. */
const addParent = (list: List, { recipe: path }: ImageOfRecipe, parent: LoadedRecipe | undefined): ImageBelow => {
  const below = loadedParent(parent, path);
  const { made, captured, states } = addImage(
    stepsOf(list, below.recipe.name, (above: LoadedRecipe) => loadedParent(above.parent, path)),
    below,
  );
  const obtained = async () => {
    const { images } = await captured();
    const [found] = images.toSorted((one, other) => Number(other.format === 'qcow2') - Number(one.format === 'qcow2'));
    if (found === undefined) throw new Error(`${path} has made no image`);
    return { image: found.file, format: found.format, name: basename(found.file.path), published: found.file.sha256 };
  };
  return {
    obtained,
    origin: made.origin,
    states,
    ...(made.lock === undefined ? {} : { lock: made.lock }),
    ...(made.answers === undefined ? {} : { answers: made.answers }),
  };
};

const loadedParent = (below: LoadedRecipe | undefined, path: string): LoadedRecipe => {
  if (below === undefined) throw new Error(`${path} was not read with the recipe`);
  return below;
};

const addInstalled = (list: List, loaded: LoadedRecipe, from: MediumOrigin): MadeBase => {
  const { lock, iso, origin } = addIsoWithPackages(list, loaded, from);
  const answers = list.stage(answersStage('answers'), (own) => ({ loaded: own, purpose: 'build' }));
  const medium = list.stage(mediumStage('medium'), async (own) => ({
    loaded: own,
    ...(await iso()),
    answers: await answers(),
    purpose: 'build',
  }));
  const unpacked = addUnpacked(list, loaded.recipe, lock);
  const installed = list.stage(installStage, async (own) => {
    const packages = (await lock?.())?.debs.filter(({ install }) => install !== undefined).length;
    return { loaded: own, medium: await medium(), answers: await answers(), packages, unpacked: await unpacked?.() };
  });
  return {
    origin,
    base: async () => ({ disk: (await installed()).disk, medium: await medium() }),
    iso,
    ...(lock === undefined ? {} : { lock }),
    answers: async () => (await answers()).initrd,
  };
};

interface IsoWithPackages {
  readonly iso: FileRef;
  readonly added: PackageRepository | undefined;
}

const addIsoWithPackages = (
  list: List,
  { recipe, frozen }: LoadedRecipe,
  from: MediumOrigin,
): {
  readonly lock: Made<Lock> | undefined;
  readonly iso: Made<IsoWithPackages>;
  readonly origin: Made<DeliveredOrigin>;
} => {
  const { lock, iso, proof } = addIso(list, from, frozen !== undefined);
  const added =
    recipe.media.packages.length === 0
      ? undefined
      : list.stage(frozen === undefined ? extraPackagesStage : frozenPackagesStage, async (loaded) => ({
          loaded,
          iso: await iso(),
        }));
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

const addIso = (list: List, origin: MediumOrigin, isFrozen: boolean): AddedIso => {
  if (isIso(origin)) {
    const fetched = list.stage(fetchStage, (loaded) => ({ loaded, origin: pinned(origin, loaded.frozen?.build.iso) }));
    return { iso: async () => (await fetched()).iso, proof: async () => (await fetched()).proof };
  }
  // An origin of another form is a type error here.
  if (!isAssembled(origin)) return origin satisfies never;
  const { lock } = addIsoLock(list, origin, isFrozen);
  return { lock, iso: list.stage(assembleStage, async (loaded) => ({ loaded, origin, lock: await lock() })) };
};

const addIsoLock = (list: List, origin: AssembledOrigin, isFrozen: boolean): { readonly lock: Made<Lock> } => {
  const resolved = list.stage(isFrozen ? frozenResolveStage : resolveStage, (loaded) => ({ loaded, origin }));
  const lock = list.value(async ({ verify }) => {
    await verify(await resolved());
    return readLock(await resolved());
  });
  return { lock };
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
export const inputStages = (loaded: LoadedRecipe): string[] => stageNames(inputs(loaded));
export const mediumStages = (loaded: LoadedRecipe): string[] => stageNames(medium(loaded));

/** Whether a machine runs for these stages, or only media are made. */
export const runsMachines = (stages: readonly string[]): boolean =>
  [installStage, configureStage, testStage].some(({ name }) =>
    stages.some((title) => title === name || title.endsWith(`: ${name}`)),
  );

/** All stages of an image, without what is done with their results; undefined when the walk ends before the last one. */
export const makeImage = (loaded: LoadedRecipe, walker: Walker, how?: HowJudged): Promise<MadeImage | undefined> =>
  walkPlan(image(loaded, how), loaded, walker);

export const makeMedium = (loaded: LoadedRecipe, walker: Walker): Promise<MadeMedium | undefined> =>
  walkPlan(medium(loaded), loaded, walker);

/** What a lock names; the walk makes no medium that it can do without. */
export const makeInputs = (loaded: LoadedRecipe, walker: Walker): Promise<MadeInputs | undefined> =>
  walkPlan(inputs(loaded), loaded, walker);
