/** `ingot init`: a commented recipe to start from. */

import { basename } from 'node:path';
import { print } from './print.ts';
import { verb } from './verb.ts';
import { writeNew } from './write-new.ts';

export const initCommand = () =>
  verb('init')
    .argument('[file]', 'the file to write', 'ingot.yaml')
    .option('--force', 'replace an existing file', false)
    .addHelpText('after', '\nExample:\n  ingot init my-image.yaml')
    .action(async (file, options) => {
      const { initialRecipe } = await import('../recipe/init.ts');
      const name = basename(file)
        .replace(/\.ya?ml$/, '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-');
      await writeNew(file, initialRecipe(name), options.force);
      print(`${file} written. Next: ingot validate ${file}\n`);
    });
