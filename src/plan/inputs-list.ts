/** The first stages of a build alone: what they make is what a lock names. */
import type { Lock } from '../distributions/debian/archive/package-lock.ts';
import type { FileRef } from '../host/files.ts';
import type { SumsProof } from '../origin/sums.ts';
import { type Plan, stepsOf } from '../pipeline/stage-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { isAssembled, isImage, isIso } from '../recipe/schema/origin-schema.ts';
import { pinned } from '../stages/origin/frozen.ts';
import { obtainStage } from '../stages/origin/obtain-stage.ts';
import type { PackageRepository } from '../stages/origin/package-repository.ts';
import { addImagePackages } from './base-list.ts';
import { addIsoLock, addIsoWithPackages } from './medium-list.ts';
import { loadedParent } from './recipe-list.ts';

/**
 * What a lock names of where a build begins: the list of packages or the file, and what is added to the medium. Of a recipe
 * that begins with another one, that one has it.
 */
export interface MadeInputs {
  readonly lock: Lock | undefined;
  readonly file: { readonly sha256: string; readonly proof: SumsProof | undefined } | undefined;
  readonly added: PackageRepository | undefined;
  readonly below: MadeInputs | undefined;
  /** Where all begins with an image: that image, and what the recipe and those below it put into it. */
  readonly start?: { readonly image: FileRef; readonly below: readonly PackageRepository[] };
}

export const inputs =
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
        const added = addImagePackages(list, loaded, obtained);
        return async () => {
          const { published, proof, image } = await obtained();
          const made = await added?.();
          return {
            ...none,
            file: { sha256: published, proof },
            added: made,
            start: startWith({ image, below: [] }, made),
          };
        };
      }
      const below = loadedParent(parent, from.recipe);
      const made = inputs(below)(
        stepsOf(list, below.recipe.name, (above: LoadedRecipe) => loadedParent(above.parent, from.recipe)),
      );
      // What another installation makes is not known before it ran.
      const start = beginsWithImage(below) ? async () => startOf(await made()) : undefined;
      const added = start && addImagePackages(list, loaded, start);
      return async () => {
        const from = await start?.();
        const own = await added?.();
        return {
          ...none,
          below: await made(),
          added: own,
          ...(from === undefined ? {} : { start: startWith(from, own) }),
        };
      };
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

type Start = NonNullable<MadeInputs['start']>;

const beginsWithImage = ({ recipe: { origin }, parent }: LoadedRecipe): boolean =>
  isImage(origin) && (typeof origin.image === 'string' || (parent !== undefined && beginsWithImage(parent)));

const startOf = ({ start }: MadeInputs): Start => {
  if (start === undefined) throw new Error('a recipe that begins with an image has it among its inputs');
  return start;
};

const startWith = ({ image, below }: Start, added: PackageRepository | undefined): Start => ({
  image,
  below: added === undefined ? below : [...below, added],
});
