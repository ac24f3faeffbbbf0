/** A recipe's lock in `ingot explain`: whether it fits, and where it and the world differ. */
import { basename } from 'node:path';
import type { Store } from '../../pipeline/store.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { lockPathOf } from '../../recipe/lock-path.ts';

export interface ExplainedLock {
  /** Its name. */
  readonly file: string;
  /** Sentences, the first of which says whether it fits. */
  readonly says: readonly string[];
}

/** Undefined without a lock. */
export const lockOf = async (store: Store, loaded: LoadedRecipe): Promise<ExplainedLock | undefined> => {
  const { readLockFile } = await import('../../lock/frozen-recipe.ts');
  const lock = await readLockFile(loaded.path);
  if (lock === undefined) return undefined;
  const file = basename(lockPathOf(loaded.path));
  const build = lock.builds[loaded.recipe.name];
  if (build === undefined) return { file, says: [`has no build ${loaded.recipe.name}`] };
  const { makeInputs } = await import('../../plan.ts');
  const { storedOnly } = await import('../../pipeline/explain.ts');
  const { lockAndWorld } = await import('../../lock/lock-and-world.ts');
  const made = await makeInputs(loaded, storedOnly(store));
  return { file, says: await lockAndWorld(loaded, build, { packages: store.shared('packages'), made }) };
};

export const lockText = ({ file, says }: ExplainedLock): string =>
  [file, ...says.map((line) => `  ${line}`), ''].join('\n');
