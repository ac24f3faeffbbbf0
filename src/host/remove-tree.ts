/**
 * Removes folders that lie where others can write. Everything is reached from an open folder, by its descriptor and one
 * name: what somebody swaps in meanwhile under the same path is never followed. Node has no unlinkat(2); a path that
 * begins with /proc/self/fd/N is the same.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rmdir, unlink } from 'node:fs/promises';

/** Throws ENOTDIR for a link, as for everything that is not a folder. */
export const openFolder = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);

/** Removes all that is in the folder. What is gone already is no error. */
export const emptyFolder = async (folder: FileHandle): Promise<void> => {
  const here = `/proc/self/fd/${folder.fd}`;
  for (const item of await readdir(here, { withFileTypes: true })) {
    const path = `${here}/${item.name}`;
    await (item.isDirectory() ? removeTree(path) : unlink(path)).catch(ifThere);
  }
};

/** Removes a folder with all that is in it. A link in its place stays, and is an error. */
export const removeTree = async (path: string): Promise<void> => {
  {
    await using folder = await openFolder(path);
    await emptyFolder(folder);
  }
  await rmdir(path);
};

const ifThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};
