/** `ingot render`: everything that is rendered from a recipe, without starting anything. */

import { withHost, withVariables } from './options.ts';
import { printFile } from './print.ts';
import { verb } from './verb.ts';

export const renderCommand = () =>
  withHost(withVariables(verb('render')))
    .argument('<recipe>', 'recipe file')
    .option('--delivery', 'for the install medium (`ingot media`) instead of the build machine', false)
    .option('-o, --output <folder>', 'write the files there instead of printing them')
    .addHelpText(
      'after',
      '\nExample:\n  ingot render my-image.yaml | less\n  ingot render my-fleet.yaml --host web1   what this host gets from the medium\n\nWith hosts, --delivery shows the answers of all hosts, each with its name.',
    )
    .action(async (path, options) => {
      const { loadRecipe } = await import('../recipe/load.ts');
      const { renderLoaded } = await import('../stages/answers/answers-stage.ts');
      const { renderedForImage } = await import('./rendered-for-image.ts');
      const { renderText, writeRendered } = await import('./rendered.ts');
      const { isImage } = await import('../recipe/schema/origin-schema.ts');
      const { chooseHost } = await import('../recipe/load/choose-host.ts');
      const recipe = await loadRecipe(path, { variables: options.var, env: process.env });
      const { host } = options;
      const loaded = host === undefined ? recipe : chooseHost(recipe, host);
      // Hosts are there on media alone.
      const purpose = options.delivery || host !== undefined ? 'delivery' : 'build';
      const answers = isImage(loaded.recipe.origin)
        ? await renderedForImage(loaded)
        : await renderLoaded({ loaded, purpose });
      if (options.output === undefined) printFile(await renderText(loaded, answers));
      else await writeRendered(options.output, answers);
    });
