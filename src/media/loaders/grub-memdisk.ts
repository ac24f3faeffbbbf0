/** GRUB's disk in memory, built into its core: a FAT file system, a tar archive, or a squashfs, with configurations. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { isSquashfs, squashfsTexts } from '../../formats/archives/squashfs.ts';
import { temporaryFolder } from '../../host/files.ts';
import { listFat, readFat } from '../boot/efi-image.ts';
import type { GrubDevice } from './grub-world.ts';

const LARGEST_TEXT = 2 ** 20;
const isConfig = (path: string): boolean => /\.(cfg|conf)$/i.test(path);

/** Undefined for what is read by GRUB alone. */
export const memoryDisk = async (
  name: string,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<GrubDevice | undefined> => {
  const texts = isSquashfs(bytes) ? await squashTexts(bytes) : (tarTexts(bytes) ?? (await fatTexts(bytes, signal)));
  return texts && { name, paths: [...texts.keys()], ignoresCase: true, texts, aliases: /^$/ };
};

const BLOCK = 512;

/** POSIX ustar: a header of a block, the file, filled to whole blocks. */
const tarTexts = (bytes: Buffer): Map<string, string> | undefined => {
  if (bytes.toString('latin1', 257, 262) !== 'ustar') return undefined;
  const texts = new Map<string, string>();
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    if (name === '') break;
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 136), 8) || 0;
    if (size <= LARGEST_TEXT)
      texts.set(`/${name.replace(/^(\.?\/)+/, '')}`, bytes.toString('utf8', at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return texts;
};

const fatTexts = async (bytes: Buffer, signal: AbortSignal | undefined): Promise<Map<string, string> | undefined> => {
  if (bytes.length < BLOCK || bytes.readUInt16LE(510) !== 0xaa55) return undefined;
  await using folder = await temporaryFolder('ingot-memdisk-');
  const image = { path: join(folder.path, 'memdisk') };
  await writeFile(image.path, bytes);
  try {
    const texts = new Map<string, string>();
    for (const path of await listFat(image, { signal }))
      if (isConfig(path)) texts.set(path, (await readFat(image, path, { signal })).toString('utf8'));
    return texts;
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'media.efi-image') throw error;
    return undefined;
  }
};

const squashTexts = async (bytes: Buffer): Promise<Map<string, string> | undefined> => {
  try {
    return await squashfsTexts(bytes, isConfig);
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    return undefined;
  }
};
