/** `ingot explain`: which stages a build would run, and why; what it would take out, and what has changed outside. */
import { resolve } from 'node:path';
import { withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

export const explainCommand = () =>
  withStore(withVariables(verb('explain')))
    .argument('<recipe>', 'recipe file')
    .option('--json', 'print JSON: a list of builds, one unless the recipe has variants', false)
    .option('--offline', 'do not ask the mirror which updates a rebuild would take', false)
    .addHelpText('after', '\nExample:\n  ingot explain my-image.yaml')
    .action(async (path, options) => {
      const { loadVariants } = await import('../../recipe/load.ts');
      const { explained } = await import('./explained.ts');
      const { explainedText } = await import('./text.ts');
      const { defaultStoreFolder, openStore } = await import('../../pipeline/store.ts');
      using interruption = interruptible();
      const builds = await loadVariants(path, { variables: options.var, env: process.env });
      const { requireBuildable } = await import('../../stages/preflight.ts');
      for (const { recipe } of builds) await requireBuildable(recipe);
      const store = await openStore(resolve(options.store ?? defaultStoreFolder()));
      const all = [];
      for (const loaded of builds) {
        const one = await explained(loaded, { store, isOffline: options.offline, signal: interruption.signal });
        if (!options.json) print(explainedText(one, { isNamed: builds.length > 1 }));
        all.push(one);
      }
      if (options.json) print(`${JSON.stringify(all, null, 2)}\n`);
    });
