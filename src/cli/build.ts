/** `ingot build`: from recipes to golden images. */
import { resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { IngotError } from '../errors.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { suggest } from '../suggest.ts';
import type { Build } from './build-session.ts';
import { bundledBuilds, takenFrom } from './bundled-builds.ts';
import { freshStages } from './fresh-stages.ts';
import { asLocked, refuseRefresh, withLocked } from './locked.ts';
import { ON_FAILURE } from './on-failure-choices.ts';
import { withFeeds, withFreshness, withScreen, withStore, withVariables } from './options.ts';
import { print } from './print.ts';
import { collected, signingOf, withSigner } from './signing.ts';
import { verb } from './verb.ts';

export const buildCommand = () =>
  withFeeds(withScreen(withSigner(withStore(withFreshness(withLocked(withVariables(verb('build'))))))))
    .argument('[recipes...]', 'recipe files; with --bundle that of the bundle when absent')
    .option('--out <folder>', 'the folder for the results', 'out')
    .option(
      '--bundle <file>',
      'take recipe, lock and all inputs from a bundle; repeated for those that it is based on',
      (file: string, before: readonly string[]) => [...before, file],
      [] as readonly string[],
    )
    .option('--from <stage>', 'run this stage and all after it again')
    .option('--until <stage>', 'stop after this stage')
    .addOption(
      new Option('--on-failure <what>', 'when a machine fails: keep its disk, open a shell in it, or delete its disk')
        .choices(ON_FAILURE)
        .default('keep' as const),
    )
    .option('--deliver-failed', 'deliver an image that does not pass its tests', false)
    .option('--keep-test-disks', 'when a test fails, keep the disks of its machines', false)
    .option(
      '--sign-sums <form>',
      'sign SHA256SUMS as well: minisign (with the same key) or gpg:FINGERPRINT (repeatable)',
      collected,
    )
    .option('--view', 'show the build on a live page on 127.0.0.1; the link is printed', false)
    .option('--fail-fast', 'stop the other builds when one fails', false)
    .addHelpText('after', '\nExample:\n  ingot build examples/debian-12-minimal.yaml --var key=~/.ssh/id_ed25519.pub')
    .action(async (paths, options) => {
      const { buildImage } = await import('../builds.ts');
      const { imageStages, runsMachines } = await import('../plan.ts');
      const { resultsOf, runSession } = await import('./build-session.ts');
      const { summary } = await import('./summary.ts');
      if (options.bundle.length > 0) refuseRefresh(options);
      await using taken = options.bundle.length === 0 ? undefined : await takenFrom(options.bundle, options);
      if (paths.length === 0 && taken === undefined)
        throw new IngotError('usage.no-recipe', 'there is no recipe to build', {
          hint: 'Name one, or a bundle that has one (`--bundle`).',
        });
      const builds =
        taken === undefined
          ? await asLocked(await loadAll(paths, options.var), options)
          : await bundledBuilds(taken.bundle, paths, options.var);
      // Newer ones than the bundle's may have come on another way.
      const feeds = options.feeds === undefined ? taken?.bundle.feeds : resolve(options.feeds);
      const signing = await signingOf(options, options.signSums);
      const requests = builds.map((loaded) => {
        const whole = imageStages(loaded);
        const stages = whole.slice(0, options.until === undefined ? whole.length : placeOf(options.until, whole) + 1);
        const again = options.from === undefined ? [] : whole.slice(placeOf(options.from, whole));
        const fresh = freshStages(options, whole, again);
        const { out, until } = options;
        const how = { deliversFailed: options.deliverFailed, keepsDisks: options.keepTestDisks, feeds };
        return {
          loaded,
          stages,
          runsMachines: runsMachines(stages),
          fresh,
          work: (build: Build) => buildImage(loaded, { ...build, out, until, how, signing }),
        };
      });
      const outcomes = await runSession(requests, options);
      if (!options.json) {
        for (const { result } of outcomes) if (result) print(summary(result));
        if (outcomes.length > 1) print(`\n${totals(outcomes)}\n`);
      }
      resultsOf(outcomes);
    });

const totals = (outcomes: readonly { readonly loaded: LoadedRecipe; readonly error?: unknown }[]): string => {
  const failed = outcomes.filter(({ error }) => error !== undefined).map(({ loaded }) => loaded.recipe.name);
  const done = `${outcomes.length - failed.length} of ${outcomes.length} builds done`;
  return failed.length === 0 ? done : `${done}; not done: ${failed.join(', ')}`;
};

/** Every build that the recipes ask for. A variable counts for the recipes that declare it; one of them has to. */
const loadAll = async (paths: readonly string[], variables: Readonly<Record<string, string>>) => {
  const { loadVariants } = await import('../recipe/load.ts');
  const sources = { variables, env: process.env, isShared: paths.length > 1 };
  const loaded = (await Promise.all(paths.map((path) => loadVariants(path, sources)))).flat();
  const unknown = Object.keys(variables).find((name) => !loaded.some((one) => Object.hasOwn(one.variables, name)));
  if (unknown !== undefined) {
    const known = [...new Set(loaded.flatMap((one) => Object.keys(one.variables)))].sort();
    throw new IngotError('usage.no-such-variable', `--var ${unknown}: none of the recipes has such a variable`, {
      hint: known.length > 0 ? `They have ${known.join(', ')}.` : 'Declare it in `variables` of the recipe.',
    });
  }
  const names = loaded.map(({ recipe }) => recipe.name);
  const twice = names.find((name, nth) => names.indexOf(name) !== nth);
  if (twice === undefined) return loaded;
  throw new IngotError(
    'usage.same-name',
    `two of the builds are named ${twice}, and would have the same output folder`,
    {
      where: paths.join(', '),
      hint: 'Give the recipes different names.',
    },
  );
};

const placeOf = (stage: string, stages: readonly string[]): number => {
  const place = stages.indexOf(stage);
  if (place >= 0) return place;
  const meant = suggest(stage, stages);
  throw new IngotError('usage.no-such-stage', `this build has no stage \`${stage}\``, {
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Its stages are ${stages.join(', ')}.`,
  });
};
