/** What is built: the plan's results, put where the user wants them, whole or not at all. */
import { basename, dirname, resolve } from 'node:path';
import { type Signing, UNSIGNED } from './attest/sums-signing.ts';
import { openOutput } from './capture/output.ts';
import { refuseSameFile } from './media/same-file.ts';
import type { Engine } from './pipeline/engine.ts';
import { runningOn } from './pipeline/stage-list.ts';
import { type HowJudged, makeImage, makeMedium } from './plan.ts';
import { hostFile } from './recipe/load/host-files.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { localIso } from './recipe/schema/origin-schema.ts';
import { deliver, deliverMedium } from './stages/deliver/deliver.ts';
import { lookAtOutput } from './stages/deliver/lying-there.ts';
import { policiesOf, requireFeeds } from './stages/policy/policies.ts';

export interface ImageOptions {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** The finished folder appears below this one; that of a netboot is this one. */
  readonly out: string;
  /** The stage after which to stop. */
  readonly until?: string | undefined;
  /** What becomes of an image that does not pass its tests, and what a policy is judged with. */
  readonly how?: HowJudged;
  /** Whose signatures the result gets; none when absent. */
  readonly signing?: Signing | undefined;
}

/** Undefined when it stopped early, as it was asked to. */
export const buildImage = async (loaded: LoadedRecipe, options: ImageOptions) => {
  const { engine, signal, out, until, how, signing = UNSIGNED } = options;
  if (until === undefined || until === 'policy') await requireFeeds(await policiesOf(loaded), how?.feeds);
  // First of all: a second build of the same image fails here, before it has done anything.
  await using output = await openOutput({ parent: resolve(out), name: loaded.recipe.name, signal });
  using there = await lookAtOutput(output.final, loaded.digest);
  return await engine.repairing(async () => {
    const made = await makeImage(loaded, runningOn(engine, until), how);
    return made && (await deliver({ loaded, ...made, engine, output, there, signing }));
  });
};

export interface MediumOptions {
  readonly engine: Engine;
  /** The ISO to write. */
  readonly output: string;
}

export const buildMedium = async (loaded: LoadedRecipe, { engine, output }: MediumOptions) => {
  const iso = localIso(loaded.recipe.origin);
  if (iso !== undefined) await refuseSameFile(hostFile(loaded.folder, iso), output);
  return engine.repairing(async () => {
    const made = await makeMedium(loaded, runningOn(engine));
    return made && { ...(await deliverMedium(made.medium, loaded, { engine, output })), added: made.origin.added };
  });
};

export interface NetbootBuildOptions extends Omit<ImageOptions, 'until' | 'how' | 'signing'> {
  /** Where a server shows the folder; for installers that fetch the rest from there. */
  readonly url?: string | undefined;
  readonly withTable: boolean;
}

/** The same installation over the network: files for a server, made from the medium for delivery. */
export const buildNetboot = async (
  loaded: LoadedRecipe,
  { engine, signal, out, url, withTable }: NetbootBuildOptions,
) => {
  const { deliverNetboot } = await import('./stages/deliver/deliver-netboot.ts');
  const final = resolve(out);
  await using output = await openOutput({ parent: dirname(final), name: basename(final), signal });
  return await engine.repairing(async () => {
    const made = await makeMedium(loaded, runningOn(engine));
    return made && deliverNetboot(made.medium, loaded, { engine, output, signal, url, withTable });
  });
};
