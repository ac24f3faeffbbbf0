/** `ingot ci`: a pipeline to start from. */
import { dirname } from 'node:path';
import { Argument, Command } from '@commander-js/extra-typings';
import { makeFolders } from '../../host/folders.ts';
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
      const file = output ?? PIPELINES[system].file;
      await makeFolders(dirname(file));
      await writeNew(file, await pipelineText(system, recipe), force);
      print(`${file} written. Look through it: where Ingot comes from, and which runners have /dev/kvm.\n`);
    });
