/** The part of the list that makes media: the list of packages or the file, what is added, and the answers on it. */
import type { Lock } from '../distributions/debian/archive/package-lock.ts';
import type { FileRef } from '../host/files.ts';
import type { Made } from '../pipeline/stage-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { type AssembledOrigin, isAssembled, isIso, type MediumOrigin } from '../recipe/schema/origin-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import { answersStage } from '../stages/answers/answers-stage.ts';
import type { DeliveredOrigin } from '../stages/deliver/delivered-origin.ts';
import { mediumStage } from '../stages/medium/medium-stage.ts';
import { extraPackagesStage, frozenPackagesStage } from '../stages/origin/added-packages-stage.ts';
import { assembleStage } from '../stages/origin/assemble-stage.ts';
import { type Fetched, fetchStage } from '../stages/origin/fetch-stage.ts';
import { frozenResolveStage, pinned } from '../stages/origin/frozen.ts';
import type { PackageRepository } from '../stages/origin/package-repository.ts';
import { readLock, resolveStage } from '../stages/origin/resolve-stage.ts';
import { unpackStage } from '../stages/origin/unpack-stage.ts';
import type { RecipeList } from './recipe-list.ts';

/** What media are made of. */
export interface IsoWithPackages {
  readonly iso: FileRef;
  readonly added: PackageRepository | undefined;
}

export const addIsoWithPackages = (
  list: RecipeList,
  { recipe, frozen }: LoadedRecipe,
  from: MediumOrigin,
): {
  readonly lock: Made<Lock> | undefined;
  readonly iso: Made<IsoWithPackages>;
  readonly origin: Made<DeliveredOrigin>;
} => {
  const { lock, iso, fetched } = addIso(list, from, frozen !== undefined);
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
      ...(isIso(from) ? { iso: await iso() } : {}),
      sha256: (await iso()).sha256,
      proof: (await fetched?.())?.proof,
      signedPackages: (await fetched?.())?.packages,
      lock: await lock?.(),
      added: await added?.(),
    }),
  };
};

interface AddedIso {
  readonly lock?: Made<Lock>;
  readonly iso: Made<FileRef>;
  /** Of an ISO that somebody else has made. */
  readonly fetched?: Made<Fetched>;
}

const addIso = (list: RecipeList, origin: MediumOrigin, isFrozen: boolean): AddedIso => {
  if (isIso(origin)) {
    const fetched = list.stage(fetchStage, (loaded) => ({ loaded, origin: pinned(origin, loaded.frozen?.build.iso) }));
    return { iso: async () => (await fetched()).iso, fetched };
  }
  // An origin of another form is a type error here.
  if (!isAssembled(origin)) return origin satisfies never;
  const { lock } = addIsoLock(list, origin, isFrozen);
  return { lock, iso: list.stage(assembleStage, async (loaded) => ({ loaded, origin, lock: await lock() })) };
};

export const addIsoLock = (
  list: RecipeList,
  origin: AssembledOrigin,
  isFrozen: boolean,
): { readonly lock: Made<Lock> } => {
  const resolved = list.stage(isFrozen ? frozenResolveStage : resolveStage, (loaded) => ({ loaded, origin }));
  const lock = list.value(async ({ verify }) => {
    await verify(await resolved());
    return readLock(await resolved());
  });
  return { lock };
};

/** The packages of an assembled medium, unpacked for the build's own installation. */
export const addUnpacked = (
  list: RecipeList,
  { origin, tuning }: Recipe,
  lock: Made<Lock> | undefined,
): Made<FileRef | undefined> | undefined => {
  if (lock === undefined || !isAssembled(origin) || tuning.skip.includes('unpacked-packages')) return undefined;
  const unpacked = list.stage(unpackStage, async (loaded) => ({ loaded, origin, lock: await lock() }));
  return async () => (await unpacked()).image;
};

export const addDelivery = (list: RecipeList, iso: Made<IsoWithPackages>): Made<FileRef> => {
  const answers = list.stage(answersStage('delivery-answers'), (loaded) => ({ loaded, purpose: 'delivery' }));
  return list.stage(mediumStage('delivery'), async (loaded) => ({
    loaded,
    ...(await iso()),
    answers: await answers(),
    purpose: 'delivery',
  }));
};
