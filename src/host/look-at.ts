/**
 * What lies at a path that a recipe names, and below it. A step follows a link that is named itself, and takes one that lies in a
 * folder as it is, so both are told apart here, once for locks, keys of stages and provenance.
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, readlink, stat } from 'node:fs/promises';
import { IngotError } from '../errors.ts';

export interface Seen {
  readonly kind: 'file' | 'folder' | 'link';
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** In a folder, sorted; without `.git`, which no step takes along. */
  readonly names: readonly string[];
  /** Of a link. */
  readonly target: string;
}

export const VERSION_CONTROL = '.git';

/**
 * `followed`: a link to a file or folder counts as that; `followed to files`: only one to a file does. Throws `host.special-file`
 * for what has no content of its own, before it is opened, and `host.name-not-utf8`.
 */
export const lookAt = async (path: string, links: 'kept' | 'followed' | 'followed to files'): Promise<Seen> => {
  const info = await infoOf(path, links);
  const common = { mode: info.mode & 0o777, size: info.size, names: [], target: '' };
  if (info.isSymbolicLink()) return { ...common, kind: 'link', target: await readlink(path) };
  if (info.isDirectory()) return { ...common, kind: 'folder', names: await namesIn(path) };
  if (info.isFile()) return { ...common, kind: 'file' };
  throw new IngotError('host.special-file', `this is ${specialKind(info)}, and no file, folder or link`, {
    where: path,
    hint: 'Remove it, or name a folder without it: it has no content that could be copied.',
  });
};

const infoOf = async (path: string, links: Parameters<typeof lookAt>[1]): Promise<Stats> => {
  if (links === 'followed') return stat(path);
  const own = await lstat(path);
  if (links === 'kept' || !own.isSymbolicLink()) return own;
  const led = await stat(path).catch(() => own);
  return led.isDirectory() ? own : led;
};

/** What it is, for people; undefined for a file, a folder or a link. */
export const specialKind = (info: Pick<Stats, keyof typeof SPECIAL>): string | undefined =>
  (Object.keys(SPECIAL) as (keyof typeof SPECIAL)[]).filter((is) => info[is]()).map((is) => SPECIAL[is])[0];

const SPECIAL = {
  isFIFO: 'a FIFO',
  isSocket: 'a socket',
  isCharacterDevice: 'a character device',
  isBlockDevice: 'a block device',
} as const;

const namesIn = async (folder: string): Promise<string[]> => {
  const names = (await readdir(folder, { encoding: 'buffer' })).map((name) => {
    const text = name.toString();
    if (Buffer.from(text).equals(name)) return text;
    throw new IngotError('host.name-not-utf8', `the name ${shown(name)} is no UTF-8`, {
      where: folder,
      hint: 'Rename it: `convmv` changes the encoding of names. A lock and a bundle can hold names in UTF-8 only.',
    });
  });
  return names.filter((name) => name !== VERSION_CONTROL).sort();
};

/** Each byte that is no printable ASCII as `\xff`. */
const shown = (name: Buffer): string =>
  [...name]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
