/** Packages that an image gets: what the recipe asks for by name, and what its other words need. */

import type { Recipe } from '../../../recipe/schema.ts';
import { aptWord } from '../../../recipe/values/package-wish.ts';
import { askedFor, impliedPackages, NEEDED_BY_ANSWERS } from '../archive/implied.ts';

/** In apt's words. Those that the image has are left alone. */
export const wantedByAnswers = (recipe: Recipe): string[] => {
  const needed = impliedPackages(recipe).filter(({ name }) => NEEDED_BY_ANSWERS.has(name));
  return [...new Set([...needed.map(({ name }) => name), ...askedFor(recipe).map(aptWord)])];
};
