/** What an installer is started from. Throws `recipe.unsupported` where nobody installs. */
import { IngotError } from '../errors.ts';
import { isImage, type MediumOrigin } from './origin-schema.ts';
import type { Recipe } from './schema.ts';

export const mediumOrigin = ({ origin }: Pick<Recipe, 'origin'>): MediumOrigin => {
  if (!isImage(origin)) return origin;
  throw new IngotError('recipe.unsupported', 'no install medium is made of a disk image', {
    where: 'origin.image',
    hint: 'Media are made of an install ISO (`origin.iso`) or of packages (`origin.assemble`). `ingot build` makes an image of this one.',
  });
};
