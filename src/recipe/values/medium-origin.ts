/** What an installer is started from. Throws `recipe.unsupported` where there is no installer. */
import { IngotError } from '../../errors.ts';
import { isImage, type MediumOrigin } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';

export const mediumOrigin = ({ origin }: Pick<Recipe, 'origin'>): MediumOrigin => {
  if (!isImage(origin)) return origin;
  throw new IngotError('recipe.unsupported', 'no install medium can be made from a disk image', {
    where: 'origin.image',
    hint: 'Media are made from an install ISO (`origin.iso`) or from packages (`origin.assemble`). `ingot build` makes an image from this recipe.',
  });
};
