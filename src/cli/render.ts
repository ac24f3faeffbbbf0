/** `ingot render`: everything that is rendered from a recipe, without starting anything. */

import { withVariables } from './options.ts';
import { printFile } from './print.ts';
import { verb } from './verb.ts';

export const renderCommand = () =>
  withVariables(verb('render'))
    .argument('<recipe>', 'recipe file')
    .option('--delivery', 'as on the medium for delivery instead of the build machine', false)
    .option('-o, --output <folder>', 'write the files there instead of printing them')
    .addHelpText('after', '\nExample:\n  ingot render my-image.yaml | less')
    .action(async (path, options) => {
      const { loadRecipe } = await import('../recipe/load.ts');
      const { renderLoaded } = await import('../stages/answers.ts');
      const { renderText, writeRendered } = await import('./rendered.ts');
      const loaded = await loadRecipe(path, { variables: options.var, env: process.env });
      const answers = await renderLoaded({ loaded, purpose: options.delivery ? 'delivery' : 'build' });
      if (options.output === undefined) printFile(renderText(loaded, answers));
      else await writeRendered(options.output, answers);
    });
