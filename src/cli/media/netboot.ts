/** `ingot media netboot RECIPE`: the same installation over the network. */
import { Command } from '@commander-js/extra-typings';
import { freshStages, withFreshness, withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import type { Build } from '../session.ts';

export const netbootCommand = () =>
  withScreen(withStore(withFreshness(withVariables(new Command('netboot')))))
    .description('Make the files that boot the installation over the network: kernel, initrd, iPXE and GRUB scripts.')
    .argument('<recipe>', 'recipe file')
    .requiredOption('-o, --output <folder>', 'the folder to make')
    .addHelpText(
      'after',
      '\nExample:\n  ingot media netboot my-image.yaml -o netboot\n\nThe initrd holds the answers with their password hashes, and the whole medium.',
    )
    .action(async (path, options) => {
      const { loadRecipe } = await import('../../recipe/load.ts');
      const { buildNetboot, mediumStages } = await import('../../pipeline/plan.ts');
      const { resultsOf, runSession } = await import('../session.ts');
      const { netbootSummary } = await import('../summary.ts');
      const loaded = await loadRecipe(path, { variables: options.var, env: process.env });
      const fresh = freshStages(options);
      const work = (build: Build) => buildNetboot(loaded, { ...build, out: options.output });
      const stages = mediumStages(loaded.recipe);
      const [result] = resultsOf(await runSession([{ loaded, stages, fresh, work }], options));
      if (!options.json && result) print(netbootSummary(result));
    });
