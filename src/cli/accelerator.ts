/** Which accelerator this host has, for verbs that start a machine outside a build; remembered in the store. */
import { type Accelerator, probeAccelerator } from '../machine/accelerator.ts';
import { defaultStoreFolder, openStore } from '../pipeline/store.ts';
import type { Reporter } from '../report.ts';

interface Options {
  readonly store: string | undefined;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

export const hostAccelerator = async ({ store, reporter, signal }: Options): Promise<Accelerator> => {
  const cacheFolder = (await openStore(store ?? defaultStoreFolder())).shared('host');
  return probeAccelerator('auto', { cacheFolder, reporter, signal });
};
