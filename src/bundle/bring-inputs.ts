/** Before a bundle is written: every package and index that the locks name is in the store. */
import { bringLocked } from '../distributions/debian/archive/bring-locked.ts';
import { indexFiles, packageFiles } from '../distributions/debian/archive/locked-archive.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { isAssembled } from '../recipe/schema/origin-schema.ts';
import { lockSources, type SourceContext } from '../stages/origin/frozen.ts';

/** Of the recipe and of those below it. Throws `lock.cannot-be-had`. */
export const bringInputs = async (loaded: LoadedRecipe, context: SourceContext): Promise<void> => {
  const { recipe, frozen, parent } = loaded;
  const archive = frozen?.build.archive;
  if (frozen !== undefined && archive !== undefined && isAssembled(recipe.origin)) {
    const sources = await lockSources(loaded, recipe.origin, context);
    await bringLocked([...indexFiles(archive), ...packageFiles(archive)], { ...sources, archive, where: frozen.where });
  }
  if (parent !== undefined) await bringInputs(parent, context);
};
