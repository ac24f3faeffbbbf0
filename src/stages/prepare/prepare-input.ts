/** What goes into *prepare*. */
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { ImageOrigin } from '../../recipe/schema/origin-schema.ts';
import type { ObtainedImage } from '../origin/obtain-stage.ts';

export interface PrepareInput {
  readonly loaded: LoadedRecipe;
  readonly origin: ImageOrigin;
  readonly obtained: ObtainedImage;
  /** The name of the image for people: its file, or its recipe. */
  readonly title: string;
}

/** Of the disk, where the recipe says one; bytes. */
export const askedSize = ({ recipe, stated }: LoadedRecipe): number | undefined =>
  stated.has('machine.disk') ? recipe.machine.disk : undefined;
