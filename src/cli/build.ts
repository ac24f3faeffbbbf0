/** `ingot build`: from recipe to golden image. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../errors.ts';
import { suggest } from '../recipe/suggest.ts';
import { withScreen, withStore, withVariables } from './options.ts';

export const buildCommand = () =>
  withScreen(withStore(withVariables(new Command('build'))))
    .description('Install, configure, seal and capture: leaves out/<name>/.')
    .argument('<recipe>', 'recipe file')
    .option('--out <folder>', 'where the finished folder goes', 'out')
    .option('--from <stage>', 'run this stage and those behind it again')
    .option('--until <stage>', 'stop behind this stage')
    .option('--no-cache', 'run every stage again')
    .option('--refresh', "look again for newer packages at the origin's mirror", false)
    .addHelpText('after', '\nExample:\n  ingot build examples/debian-12-minimal.yaml --var key=~/.ssh/id_ed25519.pub')
    .action(async (path, options) => {
      const { loadRecipe } = await import('../recipe/load.ts');
      const { buildImage, imageStages } = await import('../pipeline/plan.ts');
      const { runSession } = await import('./session.ts');
      const { summary } = await import('./summary.ts');
      const loaded = await loadRecipe(path, { variables: options.var, env: process.env });
      const all = imageStages(loaded.recipe);
      const stages = all.slice(0, options.until === undefined ? all.length : placeOf(options.until, all) + 1);
      const again = options.from === undefined ? [] : all.slice(placeOf(options.from, all));
      const fresh = options.cache ? new Set([...again, ...(options.refresh ? ['resolve'] : [])]) : true;
      const result = await runSession(loaded, { ...options, fresh, stages }, (session) =>
        buildImage(loaded, { ...session, out: options.out }),
      );
      if (!options.json && result) process.stdout.write(summary(result));
    });

const placeOf = (stage: string, stages: readonly string[]): number => {
  const place = stages.indexOf(stage);
  if (place >= 0) return place;
  const meant = suggest(stage, stages);
  throw new IngotError('usage.no-such-stage', `this build has no stage \`${stage}\``, {
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Its stages are ${stages.join(', ')}.`,
  });
};
