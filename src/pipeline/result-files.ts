/** Files in the plain data of a result: finding them, and moving their paths. */
import { isAbsolute, join, relative } from 'node:path';

/** A `FileRef`. Other data of a result must not have this shape: it would be taken for a file of the store. */
interface FileShape {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

const isFile = (value: object): value is FileShape =>
  'path' in value && 'size' in value && 'sha256' in value && typeof value.path === 'string';

export const filesOf = (value: unknown): FileShape[] => {
  if (value === null || typeof value !== 'object') return [];
  return isFile(value) ? [value] : Object.values(value).flatMap(filesOf);
};

export const relocate = (value: unknown, move: (path: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((part) => relocate(part, move));
  if (value === null || typeof value !== 'object') return value;
  if (isFile(value)) return { ...value, path: move(value.path) };
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, relocate(part, move)]));
};

export const absolute = (value: unknown, folder: string): unknown =>
  relocate(value, (path) => (isAbsolute(path) ? path : join(folder, path)));

export const isInside = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');
