/** `ingot media netboot RECIPE`: the same installation over the network. */
import { Command } from '@commander-js/extra-typings';
import type { Build } from '../build-session.ts';
import { freshStages } from '../fresh-stages.ts';
import { withLocked } from '../locked.ts';
import { withFreshness, withHost, withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';

export const netbootCommand = () =>
  withScreen(withStore(withFreshness(withLocked(withHost(withVariables(new Command('netboot')))))))
    .description('Make the files that boot the installation over the network: kernel, initrd, iPXE and GRUB scripts.')
    .argument('<recipe>', 'recipe file')
    .requiredOption('-o, --output <folder>', 'the folder to make; with several variants the folder for theirs')
    .option('--url <url>', 'for Anaconda: the address of the folder on your server, such as http://192.0.2.1:8000')
    .option('--no-table', 'with hosts: leave out the file with the answers of all hosts')
    .addHelpText(
      'after',
      '\nExample:\n  ingot media netboot my-image.yaml -o netboot\n\nThe initrd holds the whole medium, and the answers with their password hashes. With hosts, each has a file for its answers.',
    )
    .action(async (path, options) => {
      const { buildNetboot } = await import('../../builds.ts');
      const { mediumStages } = await import('../../plan.ts');
      const { resultsOf, runSession } = await import('../build-session.ts');
      const { netbootSummary } = await import('../summary.ts');
      const { folderTargets, loadTargets } = await import('./targets.ts');
      const { requireNoTable, servedAt } = await import('../../stages/deliver/deliver-netboot.ts');
      const all = await loadTargets(path, options);
      const names = all.map(({ recipe }) => recipe.name);
      const outputs = await folderTargets(names, options.output);
      const requests = await Promise.all(
        all.map(async (loaded, nth) => {
          if (!options.table) requireNoTable(loaded);
          const url = await servedAt(loaded.recipe, options.url, names.length > 1 ? names[nth] : undefined);
          const out = outputs[nth] ?? options.output;
          const stages = mediumStages(loaded);
          return {
            loaded,
            stages,
            fresh: freshStages(options, stages),
            work: (build: Build) => buildNetboot(loaded, { ...build, out, url, withTable: options.table }),
          };
        }),
      );
      const outcomes = await runSession(requests, options);
      if (!options.json) for (const { result } of outcomes) if (result) print(netbootSummary(result));
      resultsOf(outcomes);
    });
