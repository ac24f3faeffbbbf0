/** What a recipe takes out after its steps, and what identifies that. */
import { slimmingOf } from '../../distributions/find-image.ts';
import type { Json } from '../../pipeline/stage.ts';
import type { Recipe } from '../../recipe/schema.ts';

export const isSlimmed = ({ slim: { remove, strip } }: Pick<Recipe, 'slim'>): boolean =>
  remove.length > 0 || strip.length > 0;

/** Nothing for a recipe that takes nothing out. The order of names makes no difference. */
export const slimKey = async (recipe: Recipe): Promise<{ readonly [field: string]: Json }> => {
  if (!isSlimmed(recipe)) return {};
  const { remove, strip } = recipe.slim;
  const slimming = await slimmingOf(recipe);
  return { slim: { remove: remove.toSorted(), strip: strip.toSorted(), does: slimming?.digest(strip) ?? null } };
};
