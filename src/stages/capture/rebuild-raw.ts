/** The flat disk of an image that is to be the same whenever it is made: what is judged and delivered afterwards is the one that was made again. */
import { rename } from 'node:fs/promises';
import { canonicalJson } from '../../canonical-json.ts';
import { identityOf } from '../../capture/rebuild/identity.ts';
import { rebuildDisk } from '../../capture/rebuild/rebuild.ts';
import { type Lock, lockDate, lockDigest } from '../../distributions/debian/archive/package-lock.ts';
import { systemOf } from '../../distributions/find-image.ts';
import { temporaryName } from '../../host/files.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';

export const rebuildRaw = async (
  raw: string,
  { recipe }: LoadedRecipe,
  lock: Lock | undefined,
  { reporter, signal }: StageContext,
): Promise<void> => {
  if (lock === undefined) throw new Error('a reproducible image has a lock');
  reporter.phase('rebuild');
  const seed = canonicalJson({ name: recipe.name, version: recipe.version, lock: lockDigest(lock) });
  const { canonical } = await systemOf(recipe);
  const again = temporaryName(raw);
  const identity = identityOf(seed, lockDate(lock));
  await rebuildDisk(raw, again, { rules: canonical.rules, identity, reporter, signal });
  await rename(again, raw);
};
