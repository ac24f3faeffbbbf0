/** `ingot bundle export`: a locked recipe with all its inputs, as one file. */
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Store } from '../../pipeline/store.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { bytes } from '../../ui/format.ts';
import type { Build } from '../build-session.ts';
import { withFeeds, withScreen, withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';

export const bundleExportCommand = () =>
  withFeeds(withScreen(withStore(withVariables(new Command('export')))))
    .description('Write a bundle: a locked recipe with all that a rebuild needs, packages and ISO included.')
    .argument('<recipe>', 'recipe file; its lock lies beside it (`ingot lock`)')
    .requiredOption('-o, --output <file>', 'the bundle to write')
    .option('--base <bundle>', 'an older bundle: what it has is not written again, and it is needed for a rebuild')
    .option('--with-ingot', 'Ingot itself too, with its Node and npm packages', false)
    .option('--with-secrets', 'the secrets that the recipe reads from files too; without it they are only named', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot bundle export web.yaml -o web.bundle --with-ingot\n  ingot bundle export web.yaml -o web-12.bundle --base web-11.bundle --feeds feeds',
    )
    .action(async (path, options) => {
      const { loadVariants } = await import('../../recipe/load.ts');
      const { frozenRecipe } = await import('../../lock/frozen-recipe.ts');
      const { exportBundle } = await import('../../bundle/export-bundle.ts');
      const { collect } = await import('../../bundle/collect.ts');
      const { temporaryFolder } = await import('../../host/files.ts');
      const { openStoreFolder } = await import('../store/common.ts');
      const { interruptible } = await import('../signals.ts');
      const all = await loadVariants(path, { variables: options.var, env: process.env });
      const { store } = await openStoreFolder(options.store);
      const frozen = await Promise.all(all.map((loaded) => frozenRecipe(loaded)));
      const builds = await madeInputs(frozen, store.shared, options);
      using interruption = interruptible();
      await using _use = await store.inUse(interruption.signal);
      const collected = await collect(builds, { shared: store.shared, withSecrets: options.withSecrets });
      const output = resolve(options.output);
      const { makeFolders } = await import('../../host/folders.ts');
      await makeFolders(dirname(output));
      await using work = await temporaryFolder('.bundle-ingot-', dirname(output));
      const ingot = options.withIngot ? join(work.path, 'ingot.tar') : undefined;
      if (ingot !== undefined) {
        const { packIngot } = await import('../../bundle/pack-ingot.ts');
        await packIngot(ingot, interruption.signal);
      }
      const { index, size, sha256 } = await exportBundle(output, collected, {
        name: all.length === 1 ? (all[0]?.recipe.name ?? '') : basename(path).replace(/\.ya?ml$/, ''),
        base: options.base,
        ingot,
        feeds: options.feeds,
        reporter: { progress: () => {} },
        signal: interruption.signal,
      });
      if (options.json) return;
      const { indexSummary } = await import('./index-text.ts');
      const { notHeldText } = await import('../lock/text.ts');
      for (const { frozen: lock } of frozen) if (lock !== undefined) print(notHeldText(lock.build));
      print(`${indexSummary(index)}${options.output}: ${bytes(size)}, sha256 ${sha256}\n`);
    });

interface Options {
  readonly store?: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
}

/** What the store lacks is made or fetched, as for a locked build. */
const madeInputs = async (all: readonly LoadedRecipe[], shared: Store['shared'], options: Options) => {
  const { inputStages, makeInputs } = await import('../../plan.ts');
  const { runningOn } = await import('../../pipeline/stage-list.ts');
  const { bringInputs } = await import('../../bundle/bring-inputs.ts');
  const { silentReporter } = await import('../../report.ts');
  const { resultsOf, runSession } = await import('../build-session.ts');
  type Made = NonNullable<Awaited<ReturnType<typeof makeInputs>>>;
  const requests = all.map((loaded) => ({
    loaded,
    stages: inputStages(loaded),
    work: ({ engine, signal }: Build) =>
      engine.repairing(async () => {
        const made = await makeInputs(loaded, runningOn(engine));
        if (made === undefined) return undefined;
        await bringInputs(loaded, { shared, reporter: silentReporter, signal });
        return { loaded, made };
      }),
  }));
  return resultsOf(await runSession<{ loaded: LoadedRecipe; made: Made; output?: string }>(requests, options));
};
