/**
 * The whole build as data: which stages there are, in which order, and what flows from one into the next. Each list is
 * read for its names and run (`pipeline/stage-list.ts`); which stages it has depends on the recipe alone.
 *
 *     image    base → configure → capture → trust → [test] → [policy] → [delivery]
 *     base     resolve → assemble | fetch → [added packages] → answers → medium → [unpack] → install    (plan/base-list.ts)
 *              obtain | the image of the recipe below → [packages → packages-medium] → prepare
 *     medium   resolve → assemble | fetch → [added packages] → answers → medium                          (plan/medium-list.ts)
 *     inputs   the first of these alone, for a lock                                                      (plan/inputs-list.ts)
 */
import type { TestReport } from './checks/report/report.ts';
import type { FileRef } from './host/files.ts';
import { type Plan, stageNames, type Walker, walkPlan } from './pipeline/stage-list.ts';
import { type AddImage, addBase } from './plan/base-list.ts';
import { inputs, type MadeInputs } from './plan/inputs-list.ts';
import { addDelivery, addIsoWithPackages } from './plan/medium-list.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { mediumOrigin } from './recipe/values/medium-origin.ts';
import { captureStage } from './stages/capture/capture-stage.ts';
import type { Captured } from './stages/capture/captured.ts';
import { configureStage } from './stages/configure/configure-stage.ts';
import type { DeliveredOrigin } from './stages/deliver/delivered-origin.ts';
import { installStage } from './stages/install/install-stage.ts';
import { policyStage } from './stages/policy/policy-stage.ts';
import { type HowTested, requireTested, testInput } from './stages/test/test-input.ts';
import { testStage } from './stages/test/test-stage.ts';
import { configuredState, type TrustResult } from './stages/trust/trust-input.ts';
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
      origin: await made.origin(),
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
        lock: await made.lock?.(),
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

const addImage: AddImage = (list, loaded) => {
  const { recipe } = loaded;
  const made = addBase(list, loaded, addImage);
  const configured = list.stage(configureStage, async (own) => ({ loaded: own, base: await made.base() }));
  const captured = list.stage(captureStage, async (own) => ({
    loaded: own,
    configured: await configured(),
    below: recipe.capture.thin ? await made.below?.() : undefined,
    lock: recipe.capture.reproducible ? (await made.origin()).lock : undefined,
  }));
  const states = async () => [
    ...((await made.states?.()) ?? [{ disk: (await made.base()).disk, by: '' }]),
    configuredState(recipe, await configured()),
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
