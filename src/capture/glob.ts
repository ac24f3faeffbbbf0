/**
 * Path patterns on a captured disk: `*` within a segment, hidden names too; `**` for any number of folders. Links in
 * fixed segments are followed, those found by a pattern are not.
 */
import { posix } from 'node:path';
import type { GuestFiles } from './guest-files.ts';

/** Paths that match, as the pattern reaches them. */
export const glob = async (files: GuestFiles, pattern: string): Promise<string[]> => {
  const found = await expand(
    files,
    '/',
    pattern.split('/').filter((part) => part !== ''),
  );
  return [...new Set(found)].sort();
};

const expand = async (files: GuestFiles, folder: string, segments: readonly string[]): Promise<string[]> => {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [folder];
  if (segment === '**') {
    const here = await expand(files, folder, rest);
    const below = await Promise.all((await folders(files, folder)).map((path) => expand(files, path, segments)));
    return [...here, ...below.flat()];
  }
  if (!segment.includes('*')) {
    const path = posix.join(folder, segment);
    const there = (await files.list(folder)).some(({ name }) => name === segment);
    return there || (await files.find(path)) ? expand(files, path, rest) : [];
  }
  const matches = matcher(segment);
  const names = (await files.list(folder)).filter(({ name }) => matches.test(name)).map(({ name }) => name);
  return (await Promise.all(names.map((name) => expand(files, posix.join(folder, name), rest)))).flat();
};

const folders = async (files: GuestFiles, folder: string): Promise<string[]> =>
  (await files.list(folder)).filter(({ type }) => type === 'folder').map(({ name }) => posix.join(folder, name));

const matcher = (segment: string): RegExp => new RegExp(`^${segment.split('*').map(escapeText).join('.*')}$`, 's');

const escapeText = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Every file below a folder, or the file itself. */
export const filesBelow = async (
  files: GuestFiles,
  path: string,
): Promise<{ readonly path: string; readonly size: number }[]> => {
  const found = await files.find(path);
  if (found === undefined) return [];
  if (found.entry.type === 'file') return [{ path, size: found.entry.size }];
  const entries = await files.list(path);
  const below = entries.map(async ({ name, type, size }) => {
    const inner = posix.join(path, name);
    if (type === 'folder') return filesBelow(files, inner);
    return type === 'file' ? [{ path: inner, size }] : [];
  });
  return (await Promise.all(below)).flat();
};
