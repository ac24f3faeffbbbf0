/** What `ingot explain` says of a recipe's lock. */
import { basename } from 'node:path';
import type { Store } from '../pipeline/store.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { lockPathOf } from '../recipe/lock-path.ts';

/** Empty without a lock. */
export const lockText = async (store: Store, loaded: LoadedRecipe): Promise<string> => {
  const { readLockFile } = await import('../lock/frozen-recipe.ts');
  const lock = await readLockFile(loaded.path);
  if (lock === undefined) return '';
  const name = basename(lockPathOf(loaded.path));
  const build = lock.builds[loaded.recipe.name];
  if (build === undefined) return `${name}\n  has no build ${loaded.recipe.name}\n`;
  const { makeInputs } = await import('../plan.ts');
  const { storedOnly } = await import('../pipeline/explain.ts');
  const { lockAndWorld } = await import('../lock/lock-and-world.ts');
  const made = await makeInputs(loaded, storedOnly(store));
  const lines = await lockAndWorld(loaded, build, { packages: store.shared('packages'), made });
  return [name, ...lines.map((line) => `  ${line}`), ''].join('\n');
};
