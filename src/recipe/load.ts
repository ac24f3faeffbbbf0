/** From a file to the recipes that it asks for: one, or one for each combination of its variants. */
import { IngotError } from '../errors.ts';
import { loadOne, readText } from './load/load-one.ts';
import type { LoadedRecipe } from './load/loaded.ts';
import { nodeAt, parseRecipeText, plainOf, type RecipeDocument } from './load/recipe-document.ts';
import type { VariableSources } from './load/variables.ts';
import { type Combination, combinationsOf, suffixOf, TooManyCombinations, variantsSchema } from './load/variants.ts';
import { recipeError } from './problems/recipe-error.ts';

export type { LoadedRecipe } from './load/loaded.ts';

/**
 * All builds that a recipe asks for: one, or one for each combination of its `variants`, with the values appended to
 * its name unless the name itself has them. Errors as `loadRecipe`.
 */
export const loadVariants = async (path: string, sources: VariableSources = {}): Promise<LoadedRecipe[]> => {
  const { document } = parseRecipeText(path, await readText(path));
  const combinations = combinationsIn(document, sources);
  const all = await Promise.all(
    combinations.map((chosen) => loadOne(path, { ...sources, variables: { ...sources.variables, ...chosen } })),
  );
  const names = new Set(all.map(({ recipe }) => recipe.name));
  if (names.size === all.length) return all;
  return all.map((loaded, nth) => {
    const name = `${loaded.recipe.name}${suffixOf(combinations[nth] ?? {})}`;
    return { ...loaded, recipe: { ...loaded.recipe, name } };
  });
};

/** Mistakes in the block are reported with all the others. */
const combinationsIn = (document: RecipeDocument, sources: VariableSources): Combination[] => {
  const written = (name: string): unknown => {
    const plain = plainOf(document, nodeAt(document, [name]));
    return 'value' in plain ? plain.value : undefined;
  };
  const variants = variantsSchema.safeParse(written('variants'));
  if (!variants.success) return [{}];
  try {
    return combinationsOf(variants.data, Object.keys(written('variables') ?? {}), sources);
  } catch (error) {
    if (!(error instanceof TooManyCombinations)) throw error;
    throw recipeError(document, [{ path: ['variants'], at: 'key', message: error.message }]);
  }
};

/** The one build that a recipe asks for; throws `recipe.has-variants` when it asks for several. Otherwise as `loadOne`. */
export const loadRecipe = async (path: string, sources: VariableSources = {}): Promise<LoadedRecipe> => {
  const loaded = await loadVariants(path, sources);
  const [only] = loaded;
  if (only && loaded.length === 1) return only;
  const open = Object.entries(only?.recipe.variants ?? {}).map(([name, values]) => `--var ${name}=${values.join('|')}`);
  throw new IngotError(
    'recipe.has-variants',
    `the recipe has ${loaded.length} variants, but only one can be used here`,
    {
      where: path,
      hint: `Choose it: ${open.join(' ')}`,
    },
  );
};
