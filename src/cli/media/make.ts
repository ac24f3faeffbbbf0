/** `ingot media RECIPE`: the install medium for bare metal. */
import { Command } from '@commander-js/extra-typings';
import { freshStages, withFreshness, withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import type { Build } from '../session.ts';

export const makeCommand = () =>
  withScreen(withStore(withFreshness(withVariables(new Command('make')))))
    .description('Make the install medium for delivery: answers inside, menu as the recipe says.')
    .argument('<recipe>', 'recipe file')
    .requiredOption('-o, --output <file>', 'the ISO to write')
    .addHelpText(
      'after',
      '\nExample:\n  ingot media my-image.yaml -o my-image.iso\n\nConfigure steps and sealing are not part of a medium: it installs what `answers` say.',
    )
    .action(async (path, options) => {
      const { loadRecipe } = await import('../../recipe/load.ts');
      const { buildMedium, mediumStages } = await import('../../pipeline/plan.ts');
      const { resultsOf, runSession } = await import('../session.ts');
      const { mediumSummary } = await import('../summary.ts');
      const loaded = await loadRecipe(path, { variables: options.var, env: process.env });
      const { requireFile } = await import('../../capture/output.ts');
      await requireFile(options.output);
      const fresh = freshStages(options);
      const stages = mediumStages(loaded.recipe);
      const work = ({ engine }: Build) => buildMedium(loaded, { engine, output: options.output });
      const [result] = resultsOf(await runSession([{ loaded, stages, fresh, work }], options));
      if (!options.json && result) print(mediumSummary(result, loaded.recipe));
    });
