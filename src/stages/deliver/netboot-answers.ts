/** The answers of a netboot: for Anaconda with the tree as their source, for hosts one by one and all together. */

import type { AnswerSet } from '../../answers/answer-set.ts';
import { heldBy } from '../../answers/held.ts';
import { type ServedTree, TREE } from '../../media/netboot/anaconda-netboot.ts';
import type { NetbootHosts } from '../../media/netboot/host-answers.ts';
import { needsShared } from '../../media/netboot/script-hosts.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { renderEachHost, renderLoaded } from '../answers/answers-stage.ts';

/** The kickstart of a medium says that its packages are on a CD; here they are in the tree, unless there is a mirror. */
export const servedTree = async (
  loaded: LoadedRecipe,
  url: string,
): Promise<{ readonly source: LoadedRecipe; readonly tree: ServedTree }> => {
  const hasPackages = !('mirror' in loaded.recipe.origin && loaded.recipe.origin.mirror !== undefined);
  const source = hasPackages ? fromTree(loaded, `${url}/${TREE}`) : loaded;
  if (loaded.hosts.length > 0) return { source, tree: { url, hasPackages, answers: [] } };
  const { initrd } = await renderLoaded({ loaded: source, purpose: 'delivery' });
  return { source, tree: { url, hasPackages, answers: initrd.map((file) => ({ type: 'file', ...file })) } };
};

/** `withTable`: whether there may be a file with the answers of all; there is none where no boot loader needs it. */
export const netbootHosts = async (loaded: LoadedRecipe, withTable: boolean): Promise<NetbootHosts> => {
  const choice = { hosts: loaded.hosts, unknown: loaded.recipe.media.unknownHost };
  return {
    table: { ...choice, isShared: withTable && needsShared(choice) },
    all: withHeld(await renderLoaded({ loaded, purpose: 'delivery' })),
    own: (await renderEachHost(loaded)).map(withHeld),
  };
};

const withHeld = <T extends Pick<AnswerSet, 'initrd'>>(answers: T): T & { readonly isHeld: boolean } => ({
  ...answers,
  isHeld: heldBy(answers.initrd.map(({ content }) => content)).length > 0,
});

const fromTree = (loaded: LoadedRecipe, mirror: string): LoadedRecipe => ({
  ...loaded,
  recipe: { ...loaded.recipe, origin: { ...loaded.recipe.origin, mirror } },
  hosts: loaded.hosts.map((host) => ({ ...host, loaded: fromTree(host.loaded, mirror) })),
});
