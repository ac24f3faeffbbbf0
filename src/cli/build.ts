/** `ingot build`: from recipe to golden image. */
import { Command } from '@commander-js/extra-typings';
import { withScreen, withStore, withVariables } from './options.ts';

export const buildCommand = () =>
  withScreen(withStore(withVariables(new Command('build'))))
    .description('Install, configure, seal and capture: leaves out/<name>/.')
    .argument('<recipe>', 'recipe file')
    .option('--out <folder>', 'where the finished folder goes', 'out')
    .option('--no-cache', 'run every stage again')
    .option('--refresh', "look again for newer packages at the origin's mirror", false)
    .addHelpText('after', '\nExample:\n  ingot build examples/debian-12-minimal.yaml --var key=~/.ssh/id_ed25519.pub')
    .action(async (path, options) => {
      const { loadRecipe } = await import('../recipe/load.ts');
      const { buildImage, imageStages } = await import('../pipeline/plan.ts');
      const { runSession } = await import('./session.ts');
      const { summary } = await import('./summary.ts');
      const loaded = await loadRecipe(path, { variables: options.var, env: process.env });
      const fresh = options.cache ? new Set(options.refresh ? ['resolve'] : []) : true;
      const stages = imageStages(loaded.recipe);
      const result = await runSession(loaded, { ...options, fresh, stages }, (session) =>
        buildImage(loaded, { ...session, out: options.out }),
      );
      if (!options.json) process.stdout.write(summary(result));
    });
