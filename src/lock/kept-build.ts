/**
 * What a lock keeps when it is written again without `--update`: as long as the recipe asks for the same, the packages and
 * origins that were chosen stay, and only what lies beside the recipe, and Ingot itself, are looked at again.
 */
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedBuild } from '../recipe/schema/lock-schema.ts';
import { misfits } from './fit.ts';
import { localParts } from './make-lock.ts';

/** Undefined when something has to be chosen anew. */
export const keptBuild = async (loaded: LoadedRecipe, before: LockedBuild): Promise<LockedBuild | undefined> => {
  const found = await misfits(loaded, before);
  const chooses = found.some(({ rule, where }) => CHOOSES.has(rule) || (where ?? '').includes('media.packages'));
  if (chooses) return undefined;
  const below = loaded.parent && before.below ? await keptBuild(loaded.parent, before.below) : undefined;
  return { ...before, ...(await localParts(loaded)), ...(below === undefined ? {} : { below }) };
};

const CHOOSES: ReadonlySet<string> = new Set(
  ['recipe', 'system', 'request', 'origin', 'components', 'below'].map((name) => `lock/${name}`),
);
