/**
 * *prepare*: a disk that somebody else has made becomes a *Base*. It is read from outside, checked to have the recipe's system and be
 * usable, made as large as the recipe says, and given the build's way in. The image itself stays as it is: what changes is a
 * layer over it.
 */
import { earlyAccessUnit } from '../../access/access.ts';
import { sha256 } from '../../host/files.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { Base } from '../base.ts';
import { askedSize, type PrepareInput } from './prepare-input.ts';

export const prepareStage: Stage<PrepareInput, Base> = {
  name: 'prepare',
  holdsSecrets: true,
  key: ({ loaded, origin, obtained }) => ({
    image: obtained.image.sha256,
    access: origin.access,
    os: loaded.recipe.os,
    disk: askedSize(loaded) ?? null,
    firmware: loaded.recipe.machine.firmware,
    unit: sha256(earlyAccessUnit()),
  }),
  async run(input, context) {
    const { prepareDisk } = await import('./prepare-disk.ts');
    return await prepareDisk(input, context);
  },
};
