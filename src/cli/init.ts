/** `ingot init`: a commented recipe to start from. */

import { basename, dirname, relative, resolve } from 'node:path';
import type { StartingFile } from '../recipe/init.ts';
import { print } from './print.ts';
import { interruptible } from './signals.ts';
import { verb } from './verb.ts';
import { writeNew } from './write-new.ts';

export const initCommand = () =>
  verb('init')
    .argument('[file]', 'the file to write', 'ingot.yaml')
    .option('--from <file>', 'an install ISO or a disk image to start from: its system and its digest are read')
    .option('--force', 'replace an existing file', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot init my-image.yaml\n  ingot init web.yaml --from debian-12-genericcloud-amd64.qcow2',
    )
    .action(async (file, options) => {
      const { initialRecipe } = await import('../recipe/init.ts');
      const name = basename(file)
        .replace(/\.ya?ml$/, '')
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-');
      const start = options.from === undefined ? undefined : await startingFile(options.from, dirname(file));
      await writeNew(file, initialRecipe(name, start), options.force);
      print(`${file} written. Next: ingot validate ${file}\n`);
    });

/** `folder` is the recipe's: a path within it is written as one from there. */
const startingFile = async (given: string, folder: string): Promise<StartingFile> => {
  const { recognize } = await import('../distributions/recognize.ts');
  const { sha256File } = await import('../host/files.ts');
  using interruption = interruptible();
  const found = await recognize(given, interruption.signal);
  const inside = relative(folder, given);
  return {
    ...found,
    path: inside.startsWith('..') ? resolve(given) : inside,
    sha256: await sha256File(given, interruption.signal),
  };
};
