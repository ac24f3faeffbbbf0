/**
 * What a bundle's mirrors and keys are worth for a recipe of this host. A bundle comes from elsewhere: what the recipe names
 * itself wins, and signatures are checked with the keys that this host has, by which the bundle's have to be known.
 */
import { findMirrors } from '../distributions/debian/archive/find-mirrors.ts';
import { debianRelease } from '../distributions/debian/archive/releases.ts';
import { IngotError } from '../errors.ts';
import { keyFingerprints } from '../formats/signatures/fingerprints.ts';
import { isThere } from '../host/if-there.ts';
import { hostFile } from '../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { FrozenMirrors } from '../recipe/schema/lock-schema.ts';
import { isAssembled } from '../recipe/schema/origin-schema.ts';
import { DEBIAN_KEYRING } from '../recipe/values/debian-releases.ts';
import { keyFiles } from './key-files.ts';

/** Throws `bundle.unknown-keys` when packages are to be taken, and this host has none of the keys that the bundle brings. */
export const trustedMirrors = async (loaded: LoadedRecipe, { urls, keys }: FrozenMirrors): Promise<FrozenMirrors> => {
  const own = await hostKeys(loaded);
  const known = new Set(await fingerprintsOf(own));
  const brought = await fingerprintsOf(keys);
  if (isAssembled(loaded.recipe.origin) && !brought.some((one) => known.has(one)))
    throw unknownKeys(loaded, brought, [...known]);
  return { urls, keys: own };
};

export const fingerprintsOf = async (keys: readonly string[]): Promise<string[]> =>
  [...new Set((await keyFiles(keys)).flatMap(keyFingerprints))].sort();

/** The recipe's keyring; else what this host's apt trusts the archive by, and Debian's. */
const hostKeys = async ({ recipe, folder }: LoadedRecipe): Promise<string[]> => {
  if (isAssembled(recipe.origin) && recipe.origin.keyring !== undefined)
    return [hostFile(folder, recipe.origin.keyring)];
  const ofApt = await findMirrors({}, debianRelease(recipe.os.release)).then(({ keys }) => keys, notFound);
  return [...new Set([...ofApt, ...((await isThere(DEBIAN_KEYRING)) ? [DEBIAN_KEYRING] : [])])];
};

/** A host without apt's settings may build what a bundle brings. */
const notFound = (error: unknown): readonly string[] => {
  if (error instanceof IngotError && /^origin\.(no-mirror|no-keyring|mirror-login)$/.test(error.code)) return [];
  throw error;
};

const unknownKeys = ({ path }: LoadedRecipe, brought: readonly string[], known: readonly string[]): IngotError =>
  new IngotError('bundle.unknown-keys', 'this host has none of the keys that the bundle brings for its packages', {
    where: path,
    detail: [...brought.map((one) => `in the bundle: ${one}`), ...known.map((one) => `here: ${one}`)].join('\n'),
    hint: 'Compare the fingerprints with those that the publisher of the packages tells. When they are right, name a file with these keys as `origin.keyring` in the recipe.',
  });
