/** `ingot media RECIPE`: the install medium for bare metal. */
import { Command } from '@commander-js/extra-typings';
import type { Build } from '../build-session.ts';
import { freshStages } from '../fresh-stages.ts';
import { withLocked } from '../locked.ts';
import { withFreshness, withHost, withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';

export const makeCommand = () =>
  withScreen(withStore(withFreshness(withLocked(withHost(withVariables(new Command('make')))))))
    .description('Make the install medium for bare metal, with the answers on it and the menu of the recipe.')
    .argument('<recipe>', 'recipe file')
    .requiredOption('-o, --output <file>', 'the ISO to write; with several variants the folder for NAME.iso')
    .addHelpText(
      'after',
      '\nExample:\n  ingot media my-image.yaml -o my-image.iso\n\nA medium installs what `answers` say. Configure steps and sealing are for images only.',
    )
    .action(async (path, options) => {
      const { buildMedium } = await import('../../builds.ts');
      const { mediumStages } = await import('../../plan.ts');
      const { resultsOf, runSession } = await import('../build-session.ts');
      const { mediumSummary } = await import('../summary.ts');
      const { fileTargets, loadTargets } = await import('./targets.ts');
      const all = await loadTargets(path, options);
      const outputs = await fileTargets(
        all.map(({ recipe }) => recipe.name),
        options.output,
      );
      const requests = all.map((loaded, nth) => {
        const stages = mediumStages(loaded);
        return {
          loaded,
          stages,
          fresh: freshStages(options, stages),
          work: ({ engine }: Build) => buildMedium(loaded, { engine, output: outputs[nth] ?? options.output }),
        };
      });
      const outcomes = await runSession(requests, options);
      if (!options.json)
        for (const { loaded, result } of outcomes) if (result) print(mediumSummary(result, loaded.recipe));
      resultsOf(outcomes);
    });
