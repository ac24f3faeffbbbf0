/** All that `ingot explain` tells of one build: its JSON is this, its text is made of this. A part that has nothing to tell is absent. */
import { type Explanation, explainBuild } from '../../pipeline/explain.ts';
import type { Store } from '../../pipeline/store.ts';
import { imageStages, makeImage } from '../../plan.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type ExplainedHost, hostsOf } from './hosts.ts';
import { type ExplainedLock, lockOf } from './lock.ts';
import { type ExplainedSlim, slimOf } from './slim.ts';
import { type ExplainedUpdates, updatesOf } from './updates.ts';

export interface Explained {
  readonly name: string;
  readonly stages: readonly Explanation[];
  readonly slim?: ExplainedSlim;
  readonly hosts?: readonly ExplainedHost[];
  readonly lock?: ExplainedLock;
  readonly updates?: ExplainedUpdates;
}

interface ExplainContext {
  readonly store: Store;
  /** No mirror is asked. */
  readonly isOffline: boolean;
  readonly signal: AbortSignal;
}

export const explained = async (loaded: LoadedRecipe, { store, ...how }: ExplainContext): Promise<Explained> => {
  const stages = await explainBuild(store, imageStages(loaded), (walker) => makeImage(loaded, walker));
  const slim = await slimOf(store, loaded.recipe, how.signal);
  const hosts = hostsOf(loaded);
  const lock = await lockOf(store, loaded);
  const updates = await updatesOf(store, loaded, how);
  return {
    name: loaded.recipe.name,
    stages,
    ...(slim === undefined ? {} : { slim }),
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(lock === undefined ? {} : { lock }),
    ...(updates === undefined ? {} : { updates }),
  };
};
