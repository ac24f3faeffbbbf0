/** The whole build as one list: what runs, in which order, and what flows from one stage into the next. */
import { basename, dirname, resolve } from 'node:path';
import { openOutput } from './capture/output.ts';
import type { FileRef } from './host/files.ts';
import { refuseSameFile } from './media/same-file.ts';
import type { Lock } from './origin/debian/lock.ts';
import type { Engine } from './pipeline/engine.ts';
import { hostFile } from './recipe/host-files.ts';
import type { LoadedRecipe } from './recipe/load.ts';
import { isAssembled, isUrl } from './recipe/origin-schema.ts';
import type { Recipe } from './recipe/schema.ts';
import { answersStage } from './stages/answers.ts';
import { assembleStage } from './stages/assemble.ts';
import { captureStage } from './stages/capture.ts';
import { configureStage } from './stages/configure.ts';
import { deliver, deliverMedium } from './stages/deliver.ts';
import { extraPackagesStage, type PackageRepository } from './stages/extra-packages.ts';
import { fetchStage } from './stages/fetch.ts';
import { installStage } from './stages/install.ts';
import { lookAtOutput } from './stages/lying-there.ts';
import { mediumStage } from './stages/medium.ts';
import { readLock, resolveStage } from './stages/resolve.ts';
import { unpackStage } from './stages/unpack.ts';

export interface Origin {
  readonly iso: FileRef;
  /** What an assembled medium is made of. */
  readonly lock?: Lock;
  /** What the recipe adds to its packages. */
  readonly added?: PackageRepository;
}

export interface ImageOptions {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** The finished folder appears below this one; that of a netboot is this one. */
  readonly out: string;
}

/** All that the list of stages needs of an engine. */
type Runner = Pick<Engine, 'run' | 'verify'>;

export const buildImage = async (loaded: LoadedRecipe, { engine, signal, out }: ImageOptions) => {
  // First of all: a second build of the same image is told so before it has done anything.
  await using output = await openOutput({ parent: resolve(out), name: loaded.recipe.name, signal });
  using there = await lookAtOutput(output.final, loaded.digest);
  return await engine.repairing(async () => {
    const made = await makeImage(loaded, engine);
    return await deliver({ loaded, ...made, engine, output, there });
  });
};

/** All stages of an image, without what becomes of their results. */
export const makeImage = async (loaded: LoadedRecipe, engine: Runner) => {
  const { recipe } = loaded;
  const origin = await getOrigin(loaded, engine);
  const answers = await engine.run(answersStage('answers'), { loaded, purpose: 'build' });
  const medium = await engine.run(mediumStage('medium'), {
    loaded,
    iso: origin.iso,
    answers,
    purpose: 'build',
    added: origin.added,
  });
  const packages = origin.lock?.debs.filter(({ install }) => install !== undefined).length;
  const unpacked = await getUnpacked(loaded, origin, engine);
  const installed = await engine.run(installStage, { loaded, medium, answers, packages, unpacked });
  const configured = await engine.run(configureStage, { loaded, installed, medium });
  const captured = await engine.run(captureStage, { loaded, configured });
  const delivery = recipe.capture.medium ? await getDeliveryMedium(loaded, origin, engine) : undefined;
  return { origin, captured, delivery };
};

export const imageStages = (recipe: Recipe): string[] => [
  ...originStages(recipe),
  'answers',
  'medium',
  ...(isUnpacked(recipe) ? ['unpack'] : []),
  'install',
  'configure',
  'capture',
  ...(recipe.capture.medium ? ['delivery-answers', 'delivery'] : []),
];

export interface MediumOptions {
  readonly engine: Engine;
  /** The ISO to write. */
  readonly output: string;
}

export const buildMedium = async (loaded: LoadedRecipe, { engine, output }: MediumOptions) => {
  const { origin } = loaded.recipe;
  if (!isAssembled(origin) && !isUrl(origin.iso)) await refuseSameFile(hostFile(loaded.folder, origin.iso), output);
  return engine.repairing(async () => {
    const origin = await getOrigin(loaded, engine);
    const medium = await getDeliveryMedium(loaded, origin, engine);
    return { ...(await deliverMedium(medium, loaded, { engine, output })), added: origin.added };
  });
};

export interface NetbootOptions extends ImageOptions {
  /** Where a server shows the folder; for installers that fetch the rest from there. */
  readonly url?: string | undefined;
  readonly withTable: boolean;
}

/** The same installation over the network: files for a server, made of the medium for delivery. */
export const buildNetboot = async (loaded: LoadedRecipe, { engine, signal, out, url, withTable }: NetbootOptions) => {
  const { deliverNetboot } = await import('./stages/deliver-netboot.ts');
  const final = resolve(out);
  await using output = await openOutput({ parent: dirname(final), name: basename(final), signal });
  return await engine.repairing(async () => {
    const origin = await getOrigin(loaded, engine);
    const medium = await getDeliveryMedium(loaded, origin, engine);
    return deliverNetboot(medium, loaded, { engine, output, signal, url, withTable });
  });
};

export const mediumStages = (recipe: Recipe): string[] => [...originStages(recipe), 'delivery-answers', 'delivery'];

const originStages = ({ origin, media }: Recipe): string[] => [
  ...(isAssembled(origin) ? ['resolve', 'assemble'] : ['fetch']),
  ...(media.packages.length === 0 ? [] : ['packages']),
];

const getOrigin = async (loaded: LoadedRecipe, engine: Runner): Promise<Origin> => {
  const origin = await getIso(loaded, engine);
  if (loaded.recipe.media.packages.length === 0) return origin;
  return { ...origin, added: await engine.run(extraPackagesStage, { loaded, iso: origin.iso }) };
};

const getIso = async (loaded: LoadedRecipe, engine: Runner): Promise<Origin> => {
  const { origin } = loaded.recipe;
  if (!isAssembled(origin)) return { iso: await engine.run(fetchStage, { loaded, origin }) };
  const resolved = await engine.run(resolveStage, { loaded, origin });
  await engine.verify(resolved);
  const lock = await readLock(resolved);
  return { lock, iso: await engine.run(assembleStage, { loaded, origin, lock }) };
};

const isUnpacked = ({ origin, tuning }: Recipe): boolean =>
  isAssembled(origin) && !tuning.skip.includes('unpacked-packages');

const getUnpacked = async (loaded: LoadedRecipe, { lock }: Origin, engine: Runner): Promise<FileRef | undefined> => {
  const { origin } = loaded.recipe;
  if (!lock || !isAssembled(origin) || !isUnpacked(loaded.recipe)) return undefined;
  return (await engine.run(unpackStage, { loaded, origin, lock })).image;
};

const getDeliveryMedium = async (loaded: LoadedRecipe, { iso, added }: Origin, engine: Runner): Promise<FileRef> => {
  const answers = await engine.run(answersStage('delivery-answers'), { loaded, purpose: 'delivery' });
  return engine.run(mediumStage('delivery'), { loaded, iso, answers, purpose: 'delivery', added });
};
