/** Files in the data of a result: finding them, moving their paths, and how they are written down. */
import { isAbsolute, join, relative } from 'node:path';
import { z } from 'zod';
import { type FileRef, fileOf, isFileRef } from '../host/files.ts';

export const filesOf = (value: unknown): FileRef[] => {
  if (value === null || typeof value !== 'object') return [];
  return isFileRef(value) ? [value] : Object.values(value).flatMap(filesOf);
};

export const relocate = (value: unknown, move: (path: string) => string): unknown =>
  isFileRef(value) ? { ...value, path: move(value.path) } : mapped(value, (part) => relocate(part, move));

export const absolute = (value: unknown, folder: string): unknown =>
  relocate(value, (path) => (isAbsolute(path) ? path : join(folder, path)));

/** The key that tells a file from other data with a path, a size and a sum. */
const FILE = '@file';

/** As JSON has it: `{"@file": "disk.qcow2", "size": 1, "sha256": "…"}`. */
export const toStored = (value: unknown): unknown => {
  if (isFileRef(value)) return { [FILE]: value.path, size: value.size, sha256: value.sha256 };
  if (typeof value === 'object' && value !== null && FILE in value) throw new Error(`a result has a key ${FILE}`);
  return mapped(value, toStored);
};

export const fromStored = (value: unknown): unknown => {
  const file = storedFile.safeParse(value);
  return file.success
    ? fileOf({ path: file.data[FILE], size: file.data.size, sha256: file.data.sha256 })
    : mapped(value, fromStored);
};

const storedFile = z.strictObject({ [FILE]: z.string(), size: z.number(), sha256: z.string() });

const mapped = (value: unknown, change: (part: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map(change);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(part)]));
};

export const isInside = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');
