/** The only switch between families; each is loaded when a recipe is for it. */
import type { Family, Recipe } from '../recipe/schema.ts';
import type { Distribution } from './distribution.ts';

const DISTRIBUTIONS: Readonly<Record<Family, () => Promise<Distribution>>> = {
  debian: async () => (await import('./debian/debian.ts')).DEBIAN,
  redhat: async () => (await import('./anaconda/anaconda.ts')).REDHAT,
  fedora: async () => (await import('./anaconda/anaconda.ts')).FEDORA,
};

export const distributionOf = ({ os }: { readonly os: Pick<Recipe['os'], 'family'> }): Promise<Distribution> =>
  DISTRIBUTIONS[os.family]();
