/** What a recipe adds to a Debian medium, with its files found and its keys named. */

import { findDebs } from '../../distributions/debian/added/local-debs.ts';
import type { WantedDeb, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { debianRelease } from '../../distributions/debian/archive/releases.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isAssembled } from '../../recipe/schema/origin-schema.ts';
import { mirrorsOf } from './mirrors.ts';

/** Besides those that are named, the mirrors of an assembled medium: its packages come from there. */
export const wantedPackages = async (
  loaded: LoadedRecipe,
): Promise<{ debs: WantedDeb[]; repositories: WantedRepository[] }> => {
  const { recipe, folder } = loaded;
  const debs: WantedDeb[] = [];
  const repositories: WantedRepository[] = [];
  for (const [index, extra] of recipe.media.packages.entries()) {
    const where = `media.packages[${index}]`;
    const { install } = extra;
    if ('deb' in extra) {
      const found = await findDebs(hostFile(folder, extra.deb), folder, `${where}.deb`);
      debs.push(...found.map((path) => ({ where, path, install })));
    } else {
      const { key, ...repository } = extra.repository;
      const keys = [hostFile(folder, key)];
      repositories.push({ ...repository, where: `${where}.repository`, keys, packages: extra.packages, install });
    }
  }
  return { debs, repositories: [...repositories, ...(await mirrorsAsRepositories(loaded))] };
};

const mirrorsAsRepositories = async (loaded: LoadedRecipe): Promise<WantedRepository[]> => {
  const { origin, os } = loaded.recipe;
  if (!isAssembled(origin)) return [];
  const { urls, keys } = await mirrorsOf(loaded, origin);
  return debianRelease(os.release).suites.map(({ name, archive }) => ({
    where: archive === 'mirror' ? 'origin.mirror' : 'origin.securityMirror',
    url: urls[archive],
    suite: name,
    components: ['main'],
    keys,
    packages: [],
    install: false,
  }));
};
