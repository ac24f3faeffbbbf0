/** `ingot init`: a commented recipe to start from. */

import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { IngotError } from '../errors.ts';
import { writeFileWhole } from '../host/files.ts';
import { print } from './print.ts';
import { verb } from './verb.ts';

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

const writeNew = async (path: string, text: string, force: boolean): Promise<void> => {
  try {
    // A link that somebody has put there is replaced, not followed.
    if (force) await writeFileWhole(path, text);
    else await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    throw new IngotError('usage.file-exists', `${path} is there already`, {
      hint: 'Choose another name, or add --force.',
    });
  }
};
