/** Builds that keep to the lock beside their recipe: the option, and the recipes with their locks. */
import type { Command } from '@commander-js/extra-typings';
import { IngotError } from '../errors.ts';
import type { LoadedRecipe } from '../recipe/load.ts';

export const withLocked = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command.option('--locked', 'take exactly what the lock beside the recipe names (`ingot lock`)', false);

/** What comes from a lock is not looked for again. */
export const refuseRefresh = ({ refresh }: { readonly refresh: boolean }): void => {
  if (refresh)
    throw new IngotError('usage.locked-and-refresh', '--refresh looks for what is new, --locked keeps to the lock', {
      hint: 'Give one of them; `ingot lock --update` looks again, and writes what it finds into the lock.',
    });
};

/** Throws `usage.locked-and-refresh`, and what a lock says that does not fit. */
export const asLocked = async (
  all: readonly LoadedRecipe[],
  { locked, refresh }: { readonly locked: boolean; readonly refresh: boolean },
): Promise<readonly LoadedRecipe[]> => {
  if (!locked) return all;
  refuseRefresh({ refresh });
  const { frozenRecipe } = await import('../lock/frozen-recipe.ts');
  return Promise.all(all.map((loaded) => frozenRecipe(loaded)));
};
