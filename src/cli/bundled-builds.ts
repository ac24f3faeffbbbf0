/** `ingot build --bundle`: the inputs go into the store, and the recipe is built as its lock says. */
import { basename, resolve } from 'node:path';
import type { TakenBundle } from '../bundle/take-bundle.ts';
import { IngotError } from '../errors.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { print } from './print.ts';

export interface Taken extends AsyncDisposable {
  readonly bundle: TakenBundle;
}

/** The recipe's folder lies in the store as long as the build, and goes with it. */
export const takenFrom = async (
  [file = '', ...bases]: readonly string[],
  options: { readonly store?: string | undefined; readonly json: boolean },
): Promise<Taken> => {
  const { takeBundle } = await import('../bundle/take-bundle.ts');
  const { temporaryFolder } = await import('../host/files.ts');
  const { openStoreFolder } = await import('./store/common.ts');
  const { interruptible } = await import('./signals.ts');
  const { store, folder } = await openStoreFolder(options.store);
  using interruption = interruptible();
  await using _use = await store.inUse(interruption.signal);
  const work = await temporaryFolder('bundle-', folder);
  try {
    const bundle = await takeBundle(resolve(file), {
      shared: store.shared,
      folder: work.path,
      bases: bases.map((path) => resolve(path)),
      reporter: { progress: () => {}, note: () => {} },
      signal: interruption.signal,
    });
    const { name, entries } = bundle.index;
    if (!options.json) {
      const { keysText } = await import('./bundle/index-text.ts');
      const { fingerprintsOf } = await import('../lock/trusted-mirrors.ts');
      const keys = await fingerprintsOf(bundle.mirrors.flatMap((one) => one?.keys ?? []));
      print(`${basename(file)}: ${name}, ${entries.length} files checked and taken into the store\n${keysText(keys)}`);
    }
    return { bundle, [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
  } catch (error) {
    await work[Symbol.asyncDispose]();
    throw error;
  }
};

/** The bundle's recipe; or one of this host, which has to be what the bundle's lock was written for. */
export const bundledBuilds = async (
  bundle: TakenBundle,
  paths: readonly string[],
  given: Readonly<Record<string, string>>,
): Promise<LoadedRecipe[]> => {
  const { frozenRecipe } = await import('../lock/frozen-recipe.ts');
  const { loadVariants } = await import('../recipe/load.ts');
  const [own, second] = paths;
  if (second !== undefined)
    throw new IngotError('usage.several-recipes', 'a bundle is for one recipe', {
      hint: 'Name one recipe with --bundle, or none: then the one in the bundle is built.',
    });
  // Without the environment's: the bundle says what they were.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('INGOT_VAR_')));
  const all = await loadVariants(own ?? bundle.recipe, { variables: { ...bundle.variables, ...given }, env });
  const options = { lock: bundle.lock, mirrors: bundle.mirrors, isOfHost: own !== undefined };
  return Promise.all(all.map((loaded) => frozenRecipe(loaded, options)));
};
