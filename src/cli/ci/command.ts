/** `ingot ci`: a pipeline to start from. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Argument, Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import { makeFolders } from '../../host/folders.ts';
import { ifThere } from '../../host/if-there.ts';
import { print } from '../print.ts';
import { verb } from '../verb.ts';
import { writeNew } from '../write-new.ts';
import { PIPELINES } from './pipelines.ts';

export const ciCommand = () =>
  verb('ci')
    .addCommand(initCommand())
    .addHelpText(
      'after',
      '\nExample:\n  ingot ci init gitlab web.yaml\n\ndocs/ci.md tells what a pipeline does, and what each exit status says.',
    );

const isFile = async (path: string): Promise<boolean> => (await ifThere(stat(path)))?.isFile() ?? false;

const initCommand = () =>
  new Command('init')
    .description('Write a pipeline that checks, builds, judges and publishes the image of a recipe.')
    .addArgument(new Argument('<system>', 'the system that runs it').choices(['gitlab', 'github', 'jenkins']))
    .argument('<recipe>', 'the recipe, relative to the folder of the repository')
    .option('-o, --output <file>', "the file to write (default: the system's own)")
    .option('--force', 'replace an existing file', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot ci init gitlab web.yaml\n  ingot ci init github web.yaml -o .github/workflows/web.yml',
    )
    .action(async (system, recipe, { output, force }) => {
      const { pipelineText } = await import('./pipelines.ts');
      const text = await pipelineText(system, recipe);
      if (!(await isFile(recipe)))
        throw new IngotError('usage.recipe-missing', 'there is no such recipe, and the pipeline would only fail', {
          where: recipe,
          hint: 'Call it in the folder of the repository, with a recipe that is there; `ingot init` writes one.',
        });
      const file = output ?? PIPELINES[system].file;
      await makeFolders(dirname(file));
      await writeNew(file, text, force);
      print(
        `${file} written. Set INGOT_PACKAGE in it: where Ingot comes from. Then look which runners have /dev/kvm.\n`,
      );
    });
