/** The names that a preseed template can use; docs/answers.md tells of them. */
import { requestedPackages } from '../origin/debian/implied.ts';
import { isAssembled } from '../recipe/origin-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Variables } from '../recipe/variables-schema.ts';
import type { HookContext } from './hook-files.ts';
import { partmanRecipe } from './partitioning.ts';

export interface ValueContext {
  readonly variables: Variables;
}

/**
 * recipe, answers (its part) · accounts {root, first?, users}: name, fullName, hash, … · assembled, delivery: booleans ·
 * partmanRecipe · packages: names to install · commands {early?, late?}: what calls the user's scripts · values: of the
 * recipe's own template · variables
 */
export const templateValues = (
  recipe: Recipe,
  { variables }: ValueContext,
  hooks: HookContext,
): Record<string, unknown> => {
  const { answers } = recipe;
  const [first] = hooks.users;
  return {
    recipe,
    answers,
    accounts: { root: hooks.root, users: hooks.users, ...(first === undefined ? {} : { first }) },
    assembled: isAssembled(recipe.origin),
    delivery: hooks.delivery,
    partmanRecipe: partmanRecipe(recipe),
    packages: [...new Set(requestedPackages(recipe).install.map(({ name }) => name))].sort(),
    commands: {
      ...(answers.early === undefined ? {} : { early: '/ingot/early' }),
      ...(answers.late === undefined ? {} : { late: '/ingot/late' }),
    },
    values: answers.template?.values ?? {},
    variables,
  };
};
