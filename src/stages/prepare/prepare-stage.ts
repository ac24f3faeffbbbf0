/**
 * *prepare*: a disk that somebody else has made becomes a *Base*. It is read from outside, found to be of the recipe's system and
 * usable, made as large as the recipe says, and given the build's way in. The image itself stays as it is: what changes is a
 * layer over it.
 */
import { accessUnit } from '../../access/access.ts';
import { sha256 } from '../../host/files.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { ImageOrigin } from '../../recipe/origin-schema.ts';
import type { Base } from '../base.ts';
import type { ObtainedImage } from '../origin/obtain-stage.ts';

export interface PrepareInput {
  readonly loaded: LoadedRecipe;
  readonly origin: ImageOrigin;
  readonly obtained: ObtainedImage;
}

/** Of the disk, where the recipe says one; bytes. */
export const askedSize = ({ recipe, stated }: LoadedRecipe): number | undefined =>
  stated.has('machine.disk') ? recipe.machine.disk : undefined;

export const prepareStage: Stage<PrepareInput, Base> = {
  name: 'prepare',
  holdsSecrets: true,
  key: ({ loaded, origin, obtained }) => ({
    image: obtained.image.sha256,
    access: origin.access,
    os: loaded.recipe.os,
    disk: askedSize(loaded) ?? null,
    firmware: loaded.recipe.machine.firmware,
    unit: sha256(accessUnit()),
  }),
  async run(input, context) {
    const { prepareDisk } = await import('./prepare-disk.ts');
    return await prepareDisk(input, context);
  },
};
