/** The policies that a recipe names, read from its folder or from those that come with Ingot. */
import { type ReadPolicy, readPolicy } from '../../policy/read-policy.ts';
import { isReady } from '../../policy/ready.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';

/** Throws what `readPolicy` throws. */
export const policiesOf = ({ recipe, folder }: LoadedRecipe): Promise<ReadPolicy[]> =>
  Promise.all(recipe.policy.map((name) => readPolicy(isReady(name) ? name : hostFile(folder, name))));
