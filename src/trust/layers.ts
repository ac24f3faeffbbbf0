/**
 * What the build itself changed: the disk as the installer left it against the disk as steps and sealing left it. A file of the
 * finished image counts as changed by the build only when it is exactly what the second disk has.
 */
import type { FileNode } from '../capture/file-tree.ts';
import { type Digests, digestFiles } from './digests.ts';
import { stateOf } from './record.ts';
import { sideBySide } from './side-by-side.ts';

/** A state of the disk on the way, and what led to it. */
export interface Layer {
  /** Only few of its files are asked for. */
  readonly find: (path: string) => Promise<FileNode | undefined>;
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
    const states = await statesIn(layers, [...files.map(({ path }) => path), ...gone], signal);
    for (const file of files) {
      const own = states.get(file.path) ?? [];
      const now = stateOf(file, digests);
      if (now === own.at(-1) && now !== own[0]) found.set(file.path, lastChange(layers, own));
    }
    for (const path of gone) {
      const own = (states.get(path) ?? []).map((state) => (state === undefined ? undefined : 'there'));
      if (own.at(-1) === undefined && own[0] !== undefined) found.set(path, lastChange(layers, own));
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

/** Of each path, one for each layer; undefined where it is not there. */
const statesIn = async (
  layers: readonly Layer[],
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, readonly (string | undefined)[]>> => {
  const found = new Map(paths.map((path) => [path, layers.map((): string | undefined => undefined)]));
  const look = async ({ find }: Layer, nth: number): Promise<void> => {
    const nodes: FileNode[] = [];
    for (const path of paths) nodes.push(...[(await find(path)) ?? []].flat());
    const digests = await digestFiles(nodes, new Map(), signal);
    for (const node of nodes) {
      const states = found.get(node.path);
      if (states !== undefined) states[nth] = stateOf(node, digests);
    }
  };
  await sideBySide(layers.map(look));
  return found;
};
