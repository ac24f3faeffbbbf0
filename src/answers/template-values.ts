/** The names that a preseed template can use; docs/answers.md tells of them. */
import { requestedPackages } from '../origin/debian/implied.ts';
import { isAssembled } from '../recipe/origin-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { SecretStore } from '../recipe/secrets.ts';
import type { Variables } from '../recipe/variables-schema.ts';
import type { HookContext } from './hook-files.ts';
import { PARTMAN_METHODS, partmanRecipe } from './partitioning.ts';

/** What it says on stderr goes into the installer's log; stdout is debconf's. */
const EARLY = 'log-output -t early --pass-stdout /ingot/early';

export interface ValueContext {
  readonly variables: Variables;
  readonly secrets: SecretStore;
}

/**
 * recipe, answers (its part) · accounts {root, first?, users}: name, fullName, hash, … · assembled, delivery: booleans ·
 * partmanMethod, partmanRecipe, passphrase? · packages: names to install · commands {early?, late?}: what calls the user's scripts · values: of the
 * recipe's own template · variables
 */
export const templateValues = (
  recipe: Recipe,
  { variables, secrets }: ValueContext,
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
    partmanMethod: PARTMAN_METHODS[answers.disk.layout],
    partmanRecipe: partmanRecipe(recipe),
    ...(answers.disk.passphrase === undefined ? {} : { passphrase: secrets.get(answers.disk.passphrase) }),
    packages: [...new Set(requestedPackages(recipe).install.map(({ name }) => name))].sort(),
    commands: {
      ...(answers.early === undefined ? {} : { early: EARLY }),
      ...(answers.late === undefined ? {} : { late: '/ingot/late' }),
    },
    values: answers.template?.values ?? {},
    variables,
  };
};
