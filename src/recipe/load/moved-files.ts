/**
 * Where the files of a recipe lie that came out of a bundle. Such a recipe says the same as at home, so that its stages have
 * the same keys, but what it names by `~/…`, `../…` or `/…` lies in the folder that the bundle was unpacked to.
 */

/** By the recipe's folder; one that belongs to a bundle exists as long as the build. */
const moved = new Map<string, ReadonlyMap<string, string>>();

/** From now on a recipe in `folder` finds these paths, as it writes them, at those on the host. */
export const moveFiles = (folder: string, paths: ReadonlyMap<string, string>): void => void moved.set(folder, paths);

export const movedFile = (folder: string, path: string): string | undefined => moved.get(folder)?.get(path);
