/** The lock that a build kept to, as what is delivered names it: it lies beside the recipe, or in a bundle. */
import { basename } from 'node:path';
import type { LoadedRecipe } from '../../recipe/load.ts';

export const statedLock = ({
  frozen,
}: Pick<LoadedRecipe, 'frozen'>): { readonly file: string; readonly sha256: string } | undefined =>
  frozen && { file: basename(frozen.where), sha256: frozen.sha256 };
