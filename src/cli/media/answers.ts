/** `ingot media answers RECIPE|FOLDER`: a small ISO besides the vendor's own. */
import { stat } from 'node:fs/promises';
import { Command } from '@commander-js/extra-typings';
import { ifThere } from '../../host/if-there.ts';
import type { DeliveredAnswers } from '../../stages/deliver/deliver-answers.ts';
import { withHost, withVariables } from '../options.ts';
import { print } from '../print.ts';

export const answersCommand = () =>
  withHost(withVariables(new Command('answers')))
    .description(
      "Make a small ISO with the answers only. The installer finds it by its label; the vendor's medium is needed too.",
    )
    .argument('<recipe|folder>', 'a recipe for Anaconda; or a folder with ks.cfg, autoinst.xml or user-data')
    .requiredOption('-o, --output <file>', 'the ISO to write; for several hosts or variants the folder of NAME.iso')
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      "\nExample:\n  ingot media answers my-image.yaml -o answers.iso\n\nGive it to the machine as a second drive. The vendor's medium stays unchanged, with its checks and signatures.",
    )
    .action(async (path, options) => {
      const { answersOfFolder, answersOfRecipe, volumesOf } = await import('../../stages/deliver/deliver-answers.ts');
      const { fileTargets, loadTargets } = await import('./targets.ts');
      const { answersSummary } = await import('../summary.ts');
      const told = (made: DeliveredAnswers) => {
        if (!options.json) return print(answersSummary(made));
        const { kind, file, names, leftOut, held } = made;
        const { label, installer } = kind;
        print(`${JSON.stringify({ ...file, label, installer, files: names, leftOut, held })}\n`);
      };
      if ((await ifThere(stat(path)))?.isDirectory()) {
        const [output = options.output] = await fileTargets([path], options.output);
        return told(await answersOfFolder(path, { output }));
      }
      const volumes = (await loadTargets(path, options)).flatMap(volumesOf);
      const outputs = await fileTargets(
        volumes.map(({ name }) => name),
        options.output,
      );
      for (const [nth, { loaded }] of volumes.entries())
        told(await answersOfRecipe(loaded, { output: outputs[nth] ?? options.output }));
    });
