/**
 * Looking for what may be missing. Only "missing" counts as an answer: a folder that may not be read, a link that
 * leads nowhere or a failing disk is an error with a name, and never taken for an empty folder or a missing result.
 */
import { stat } from 'node:fs/promises';
import { named } from '../system-error.ts';

/** What was looked for, or undefined where nothing is at that path. */
export const ifThere = async <T>(looking: Promise<T>): Promise<T | undefined> => {
  try {
    return await looking;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw named(error);
  }
};

/** Whether the file system said that there is no such name, or that a part of the path before it is not a folder. */
export const isNotThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** Whether anything is at a path, a link followed. */
export const isThere = async (path: string): Promise<boolean> => (await ifThere(stat(path))) !== undefined;
