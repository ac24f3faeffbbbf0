/** The list of a recipe's stages, and the recipe below it, where it begins with one. */
import type { Steps } from '../pipeline/stage-list.ts';
import type { LoadedRecipe } from '../recipe/load.ts';

export type RecipeList = Steps<LoadedRecipe>;

export const loadedParent = (below: LoadedRecipe | undefined, path: string): LoadedRecipe => {
  if (below === undefined) throw new Error(`${path} was not read with the recipe`);
  return below;
};
