/** What images of a family need. Throws `recipe.unsupported` where there is none; preflight has said so before. */
import { IngotError } from '../errors.ts';
import type { SealUnit } from '../guest/seal/unit.ts';
import { sealUnits } from '../guest/seal/units.ts';
import type { Subject } from '../inspect/subject.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { Adoption, Installer, Slimming, System, TrustSystem } from './distribution.ts';
import { familyOf } from './family-of.ts';
import { distributionOf } from './find.ts';

export const installerOf = async (recipe: Pick<Recipe, 'os'>): Promise<Installer> => {
  const { installer } = (await distributionOf(recipe)).image;
  return installer === undefined ? refused(recipe) : await installer();
};

export const systemOf = async (recipe: Pick<Recipe, 'os'>): Promise<System> => {
  const { system } = (await distributionOf(recipe)).image;
  return system === undefined ? refused(recipe) : await system();
};

export const adoptionOf = async (recipe: Pick<Recipe, 'os'>): Promise<Adoption> => {
  const { adoption } = (await distributionOf(recipe)).image;
  return adoption === undefined ? refused(recipe) : await adoption();
};

/** Undefined for a family that nothing is known to be stripped of. */
export const slimmingOf = async ({
  os,
}: {
  readonly os: Pick<Recipe['os'], 'family'>;
}): Promise<Slimming | undefined> => (await distributionOf({ os })).image.slim?.();

/** All that are run in its machine and asserted of its disk, those of every system among them. */
export const sealUnitsOf = async (recipe: Pick<Recipe, 'os'>): Promise<readonly SealUnit[]> => {
  const { image } = await distributionOf(recipe);
  return sealUnits(await image.seal());
};

export const refused = async ({ os }: Pick<Recipe, 'os'>): Promise<never> => {
  const { message, ...details } = (await distributionOf({ os })).image.refusal(os);
  throw new IngotError('recipe.unsupported', message, details);
};

/** Undefined for a family whose files are not held against their packages yet. */
export const trustSystemOf = async ({
  os,
}: {
  readonly os: Pick<Recipe['os'], 'family'>;
}): Promise<TrustSystem | undefined> => (await distributionOf({ os })).image.trust?.();

/** For an image from anywhere: its family's own, or rpm's where its database is one of rpm's. */
export const trustOfImage = async ({
  osRelease,
  database,
}: Pick<Subject, 'osRelease' | 'database'>): Promise<TrustSystem | undefined> => {
  const family = familyOf(osRelease);
  const own = family === undefined ? undefined : await trustSystemOf({ os: { family } });
  if (own !== undefined || database?.kind !== 'rpm') return own;
  const { RPM_TRUST } = await import('./rpm/trust/trust-of.ts');
  return RPM_TRUST;
};
