/** Debian's mirrors and keys for a recipe: its own, or the ones of the host's apt. */
import { findMirrors, type Mirrors } from '../../distributions/debian/archive/find-mirrors.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import { debianRelease } from '../../distributions/debian/archive/releases.ts';
import type { UpdatesFrom } from '../../distributions/pending-updates.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type AssembledOrigin, isAssembled, type MirrorFields } from '../../recipe/schema/origin-schema.ts';

export const mirrorsOf = async (
  { recipe, folder, frozen }: LoadedRecipe,
  { mirror, securityMirror, keyring }: MirrorFields,
): Promise<Mirrors> =>
  // A bundle brings what its host had, so that a rebuild elsewhere makes the same image; what the recipe names comes first.
  frozen?.mirrors === undefined
    ? findMirrors(
        { mirror, securityMirror, keyring: keyring === undefined ? undefined : hostFile(folder, keyring) },
        debianRelease(recipe.os.release),
      )
    : {
        urls: {
          mirror: mirror?.replace(/\/+$/, '') ?? frozen.mirrors.urls.mirror,
          security: securityMirror?.replace(/\/+$/, '') ?? frozen.mirrors.urls.security,
        },
        keys: frozen.mirrors.keys,
      };

/**
 * Where the vendor's indexes of today are asked for: where the recipe takes its packages from, else where the host does. Where
 * neither can be reached, `lock` has those that its packages were taken by.
 */
export const indexesOf = ({ recipe, folder, frozen }: LoadedRecipe, lock?: Lock): UpdatesFrom => {
  const { mirror, securityMirror, keyring }: Partial<AssembledOrigin> = isAssembled(recipe.origin) ? recipe.origin : {};
  return {
    mirror,
    securityMirror,
    keyring: keyring === undefined ? undefined : hostFile(folder, keyring),
    frozen: frozen?.mirrors,
    locked: lock?.suites,
  };
};
