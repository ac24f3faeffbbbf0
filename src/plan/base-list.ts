/** The part of the list that ends with a disk to configure: taken from an image, or installed. */
import { basename } from 'node:path';
import type { AnswerFile } from '../answers/answer-set.ts';
import type { Lock } from '../distributions/debian/archive/package-lock.ts';
import { type Made, stepsOf } from '../pipeline/stage-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { type ImageOfRecipe, type ImageOrigin, isImage, type MediumOrigin } from '../recipe/schema/origin-schema.ts';
import { answersStage } from '../stages/answers/answers-stage.ts';
import type { Base } from '../stages/base.ts';
import type { Captured } from '../stages/capture/captured.ts';
import type { DeliveredOrigin } from '../stages/deliver/delivered-origin.ts';
import { installStage } from '../stages/install/install-stage.ts';
import { mediumStage } from '../stages/medium/medium-stage.ts';
import { pinned } from '../stages/origin/frozen.ts';
import {
  addsToImage,
  frozenImagePackagesStage,
  type ImagePackagesInput,
  imagePackagesStage,
} from '../stages/origin/image-packages-stage.ts';
import { type ObtainedImage, obtainStage } from '../stages/origin/obtain-stage.ts';
import type { PackageRepository } from '../stages/origin/package-repository.ts';
import { packagesMediumStage } from '../stages/origin/packages-medium-stage.ts';
import { prepareStage } from '../stages/prepare/prepare-stage.ts';
import type { DiskState } from '../stages/trust/trust-input.ts';
import { addIsoWithPackages, addUnpacked, type IsoWithPackages } from './medium-list.ts';
import { loadedParent, type RecipeList } from './recipe-list.ts';

/** What a recipe builds on: a disk that a machine can start from, and what is known of where it is from. */
export interface MadeBase {
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

/** The stages of an image, with what the build above takes of them. */
export interface AddedImage {
  readonly made: MadeBase;
  readonly captured: Made<Captured>;
  readonly states: Made<readonly DiskState[]>;
}
/** A recipe that begins with another one has all stages of that one before its own. */
export type AddImage = (list: RecipeList, loaded: LoadedRecipe) => AddedImage;

export const addBase = (list: RecipeList, loaded: LoadedRecipe, addImage: AddImage): MadeBase => {
  const { origin } = loaded.recipe;
  return isImage(origin) ? addTaken(list, loaded, origin, addImage) : addInstalled(list, loaded, origin);
};

/** A disk image that somebody else has made, or another recipe. */
const addTaken = (list: RecipeList, loaded: LoadedRecipe, from: ImageOrigin, addImage: AddImage): MadeBase => {
  const { image } = from;
  const title = typeof image === 'string' ? image : image.recipe;
  const below: ImageBelow =
    typeof image === 'string'
      ? {
          obtained: list.stage(obtainStage, (own) => ({
            loaded: own,
            image,
            origin: pinned(from, own.frozen?.build.image),
          })),
        }
      : addParent(list, image, loaded.parent, addImage);
  const { obtained, origin: parentOrigin, ...known } = below;
  const added = addImagePackages(list, loaded, obtained);
  const medium = added && list.stage(packagesMediumStage, async () => ({ added: await added() }));
  const prepared = list.stage(prepareStage, async (own) => ({
    loaded: own,
    origin: from,
    obtained: await obtained(),
    title,
  }));
  const base = async (): Promise<Base> => {
    const iso = (await medium?.())?.iso;
    return { ...(await prepared()), ...(iso === undefined ? {} : { medium: iso }) };
  };
  const origin = async (): Promise<DeliveredOrigin> => {
    const { published, proof } = await obtained();
    const parent = await parentOrigin?.();
    return { sha256: published, proof, lock: undefined, added: await added?.(), parent };
  };
  return { origin, base, below: obtained, ...known };
};

/** What the image lacks, where its machine cannot fetch it. */
export const addImagePackages = (
  list: RecipeList,
  { recipe, frozen }: LoadedRecipe,
  start: Made<Omit<ImagePackagesInput, 'loaded'>>,
): Made<PackageRepository> | undefined =>
  addsToImage(recipe)
    ? list.stage(frozen === undefined ? imagePackagesStage : frozenImagePackagesStage, async (own) => {
        const { image, below } = await start();
        return { loaded: own, image, below };
      })
    : undefined;

/** The image that a build begins with, and what its own build knows of it. */
interface ImageBelow extends Pick<MadeBase, 'lock' | 'states' | 'answers'> {
  readonly obtained: Made<ObtainedImage>;
  readonly origin?: Made<DeliveredOrigin>;
}

/** All stages of the recipe below, found or made. */
const addParent = (
  list: RecipeList,
  { recipe: path }: ImageOfRecipe,
  parent: LoadedRecipe | undefined,
  addImage: AddImage,
): ImageBelow => {
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

const addInstalled = (list: RecipeList, loaded: LoadedRecipe, from: MediumOrigin): MadeBase => {
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
