/**
 * Folders, made one by one. Node's own recursive mkdir tries again for ever, and cannot be interrupted, where a file system
 * such as /proc says that the folder above is missing although it is there.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { named } from '../system-error.ts';
import { ifThere } from './if-there.ts';

/**
 * Makes a folder and those above it that are missing; `mode` is that of each one. Returns the topmost one that was made,
 * undefined where all were there. Throws `host.not-a-folder`, `host.no-folder-here`, and what the system says by name.
 */
export const makeFolders = async (path: string, mode = 0o777): Promise<string | undefined> => {
  const folder = resolve(path);
  if (await isFolder(folder)) return undefined;
  const above = dirname(folder);
  const topmost = await makeFolders(above, mode);
  return (await makeOne(folder, mode)) ? (topmost ?? folder) : topmost;
};

/** The folder itself, or the one above it that is there. Throws `host.not-a-folder` where a part of the path is none. */
export const nearestFolder = async (path: string): Promise<string> => {
  const folder = resolve(path);
  return (await isFolder(folder)) ? folder : nearestFolder(dirname(folder));
};

/** Throws for what is there and is no folder. */
const isFolder = async (path: string): Promise<boolean> => {
  const found = await ifThere(stat(path));
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new IngotError('host.not-a-folder', 'a folder is needed here, and this is none', {
    where: path,
    hint: 'Name another folder, or move away what is there.',
  });
};

/** False where somebody else has made it meanwhile. */
const makeOne = async (folder: string, mode: number): Promise<boolean> => {
  try {
    await mkdir(folder, { mode });
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') {
      if (await isFolder(folder)) return false;
      throw new IngotError('host.not-a-folder', 'a folder is needed here, and this is a link that leads nowhere', {
        where: folder,
        hint: 'Make the folder that the link leads to, or remove the link.',
      });
    }
    if (code !== 'ENOENT') throw named(error, folder);
    throw new IngotError('host.no-folder-here', 'no folder can be made in this place', {
      where: folder,
      hint: 'Name a folder on a disk: file systems of the kernel, such as /proc and /sys, take none.',
      cause: error,
    });
  }
};
