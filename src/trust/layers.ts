/**
 * What the build itself changed: the disk as the installer left it against the disk as steps and sealing left it. A file of the
 * finished image counts as changed by the build only when it is exactly what the second disk has.
 */
import type { FileNode, FileTree } from '../capture/file-tree.ts';
import { type Digests, digestFiles } from './digests.ts';
import { stateOf } from './record.ts';

/** A state of the disk on the way, and what led to it. */
export interface Layer {
  readonly tree: FileTree;
  /** `step 2: run harden.sh`. */
  readonly by: string;
}

export interface Layers {
  /** Which of these files, and of the paths that are gone, the build changed; with what did it. */
  readonly changed: (
    files: readonly FileNode[],
    gone: readonly string[],
    digests: Digests,
  ) => Promise<ReadonlyMap<string, string>>;
}

/** `open` is asked when something is left to account for. The oldest layer comes first: the installed disk, whose own `by` is never told. */
export const layersOf = (open: () => Promise<readonly Layer[]>, signal?: AbortSignal): Layers => ({
  async changed(files, gone, digests) {
    const found = new Map<string, string>();
    if (files.length === 0 && gone.length === 0) return found;
    const layers = await open();
    const [installed] = layers;
    const last = layers.at(-1);
    if (installed === undefined || last === undefined || layers.length < 2) return found;
    const own = layers.map((): Digests => new Map());
    for (const [nth, { tree }] of layers.entries())
      await digestFiles(
        files.flatMap(({ path }) => tree.get(path) ?? []),
        own[nth] ?? new Map(),
        signal,
      );
    for (const file of files) {
      const states = layers.map(({ tree }, nth) => optionalState(tree.get(file.path), own[nth] ?? new Map()));
      const now = stateOf(file, digests);
      if (now !== states.at(-1) || now === states[0]) continue;
      found.set(file.path, lastChange(layers, states));
    }
    for (const path of gone) {
      const states = layers.map(({ tree }) => (tree.has(path) ? 'there' : undefined));
      if (states.at(-1) === undefined && states[0] !== undefined) found.set(path, lastChange(layers, states));
    }
    return found;
  },
});

/** The layer that gave it the state which it still has. */
const lastChange = (layers: readonly Layer[], states: readonly (string | undefined)[]): string => {
  let nth = states.length - 1;
  while (nth > 1 && states[nth - 1] === states.at(-1)) nth -= 1;
  return layers[nth]?.by ?? '';
};

const optionalState = (file: FileNode | undefined, digests: Digests): string | undefined =>
  file === undefined ? undefined : stateOf(file, digests);
