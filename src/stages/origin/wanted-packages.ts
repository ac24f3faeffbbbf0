/** What a recipe adds to a Debian medium, or to an image, with its files found and its keys named. */

import { findDebs } from '../../distributions/debian/added/local-debs.ts';
import type { WantedDeb, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { debianRelease, withSuites } from '../../distributions/debian/archive/releases.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isAssembled, type MirrorFields } from '../../recipe/schema/origin-schema.ts';
import { mirrorsOf } from './mirrors.ts';

/** Besides those that are named, the mirrors of an assembled medium: its packages come from there. */
export const wantedPackages = async (
  loaded: LoadedRecipe,
): Promise<{ debs: WantedDeb[]; repositories: WantedRepository[] }> => {
  const { origin } = loaded.recipe;
  const mirrors = isAssembled(origin) ? await mirrorRepositories(loaded, origin) : [];
  return { debs: await wantedDebs(loaded), repositories: [...namedRepositories(loaded), ...mirrors] };
};

export const wantedDebs = async ({ recipe, folder }: LoadedRecipe): Promise<WantedDeb[]> => {
  const debs: WantedDeb[] = [];
  for (const [index, extra] of recipe.media.packages.entries()) {
    if (!('deb' in extra)) continue;
    const where = `media.packages[${index}]`;
    const found = await findDebs(hostFile(folder, extra.deb), folder, `${where}.deb`);
    debs.push(...found.map((path) => ({ where, path, install: extra.install })));
  }
  return debs;
};

export const namedRepositories = ({ recipe, folder }: LoadedRecipe): WantedRepository[] =>
  recipe.media.packages.flatMap((extra, index) => {
    if (!('repository' in extra)) return [];
    const { packages, install } = extra;
    const { key, ...repository } = extra.repository;
    const where = `media.packages[${index}].repository`;
    return [{ ...repository, where, keys: [hostFile(folder, key)], packages, install }];
  });

/** The vendor's archive; of `further` suites only what is asked for from there. */
export const mirrorRepositories = async (
  loaded: LoadedRecipe,
  origin: MirrorFields,
  further: readonly string[] = [],
): Promise<WantedRepository[]> => {
  const { urls, keys } = await mirrorsOf(loaded, origin);
  return withSuites(debianRelease(loaded.recipe.os.release), further).suites.map(({ name, archive }) => ({
    where: archive === 'mirror' ? 'origin.mirror' : 'origin.securityMirror',
    url: urls[archive],
    suite: name,
    components: ['main'],
    keys,
    packages: [],
    install: false,
  }));
};
