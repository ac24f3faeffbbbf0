/** `ingot media answers RECIPE|FOLDER`: a second small ISO, beside the vendor's own. */
import { stat } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { withVariables } from '../options.ts';
import { print } from '../print.ts';

export const answersCommand = () =>
  withVariables(new Command('answers'))
    .description("Make a small ISO of answers alone, which an installer finds by its label beside the vendor's own.")
    .argument('<recipe|folder>', 'a recipe for Anaconda; or a folder with ks.cfg, autoinst.xml or user-data')
    .requiredOption('-o, --output <file>', 'the ISO to write')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      "\nExample:\n  ingot media answers my-image.yaml -o answers.iso\n\nGive it to the machine as a second drive. The vendor's medium stays as it is, with its checks and signatures.",
    )
    .action(async (path, options) => {
      const { requireFile } = await import('../../capture/output.ts');
      const { answersOfFolder, answersOfRecipe } = await import('../../stages/deliver-answers.ts');
      await requireFile(options.output);
      const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
      const made = isFolder
        ? await answersOfFolder(path, options)
        : await answersOfRecipe(await loaded(path, options.var), options);
      const { answersSummary } = await import('../summary.ts');
      if (!options.json) return print(answersSummary(made));
      const { kind, file, names, leftOut, held } = made;
      const { label, installer } = kind;
      print(`${JSON.stringify({ ...file, label, installer, files: names, leftOut, held })}\n`);
    });

const loaded = async (path: string, variables: Readonly<Record<string, string>>) => {
  const { loadRecipe } = await import('../../recipe/load.ts');
  return loadRecipe(path, { variables, env: process.env });
};
