/** `ingot validate`: is this recipe right? Starts nothing. */

import { counted } from '../counted.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { withVariables } from './options.ts';
import { print } from './print.ts';
import { verb } from './verb.ts';

export const validateCommand = () =>
  withVariables(verb('validate'))
    .argument('<recipe>', 'recipe file')
    .addHelpText(
      'after',
      '\nExample:\n  ingot validate my-image.yaml\n\nExit status: 0 valid, 2 mistakes in the recipe or in its answers. All of them are printed.',
    )
    .action(async (path, options) => {
      const { loadVariants } = await import('../recipe/load.ts');
      const { checkNamedFiles } = await import('../stages/preflight.ts');
      const { requireCleanAnswers } = await import('../stages/answers/lint-answers.ts');
      for (const loaded of await loadVariants(path, { variables: options.var, env: process.env })) {
        for (let layer: LoadedRecipe | undefined = loaded; layer !== undefined; layer = layer.parent) {
          await requireCleanAnswers(layer, 'build');
          await requireCleanAnswers(layer, 'delivery');
          await checkNamedFiles(layer);
        }
        const { recipe, digest, hosts } = loaded;
        const count = hosts.length === 0 ? '' : `, with ${counted(hosts.length, 'host')}`;
        print(`${path}: ${recipe.name} ${recipe.version} is valid${count} (sha256 ${digest.slice(0, 12)})\n`);
      }
    });
