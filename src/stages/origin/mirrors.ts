/** Debian's mirrors and keys for a recipe: its own, or the ones of the host's apt. */
import { findMirrors, type Mirrors } from '../../distributions/debian/archive/find-mirrors.ts';
import { debianRelease } from '../../distributions/debian/archive/releases.ts';
import type { UpdatesFrom } from '../../distributions/pending-updates.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type AssembledOrigin, isAssembled, type MirrorFields } from '../../recipe/schema/origin-schema.ts';

export const mirrorsOf = async (
  { recipe, folder, frozen }: LoadedRecipe,
  { mirror, securityMirror, keyring }: MirrorFields,
): Promise<Mirrors> =>
  // A bundle brings what its host had: a rebuild elsewhere makes the same image.
  frozen?.mirrors ??
  findMirrors(
    { mirror, securityMirror, keyring: keyring === undefined ? undefined : hostFile(folder, keyring) },
    debianRelease(recipe.os.release),
  );

/** Where the vendor's indexes of today are asked for: where the recipe takes its packages from, else where the host does. */
export const indexesOf = ({ recipe, folder }: LoadedRecipe): UpdatesFrom => {
  const { mirror, securityMirror, keyring }: Partial<AssembledOrigin> = isAssembled(recipe.origin) ? recipe.origin : {};
  return { mirror, securityMirror, keyring: keyring === undefined ? undefined : hostFile(folder, keyring) };
};
