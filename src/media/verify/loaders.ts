/** Whether a medium's boot images can be boot loaders at all: checked as firmware does before it starts one. */
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path/posix';
import { IngotError } from '../../errors.ts';
import { partitionBoots } from '../boot/boot-paths.ts';
import { type FatImage, listFat, readFat } from '../boot/efi-image.ts';
import { peProblem } from '../boot/pe.ts';
import { readTree } from '../iso/iso-tree.ts';
import { BLOCK_SIZE, readAt } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import type { BootImage } from '../iso/xorriso-report.ts';

const SECTOR = 512;
const DESCRIPTORS = 16;

/** In words. `inImage` are the files of each EFI image of the boot catalog, by its block. Throws `media.efi-image`. */
export const loaderProblems = async (
  medium: Medium,
  file: FileHandle,
  inImage: ReadonlyMap<number, readonly string[]>,
  signal?: AbortSignal,
): Promise<string[]> => {
  const problems: string[] = [];
  for (const image of medium.boot.elTorito) {
    if (!image.bootable || image.lba * BLOCK_SIZE >= medium.volume.fileSize) continue;
    const where = `the ${image.platform} boot image at block ${image.lba}`;
    const other = await otherAt(medium, image, signal);
    if (other !== undefined) problems.push(`${where} is ${other}`);
    else if (image.platform === 'BIOS')
      problems.push(...(await codeProblems(file, image)).map((what) => `${where} ${what}`));
  }
  for (const [lba, paths] of inImage)
    problems.push(
      ...(await imageProblems({ path: medium.iso, offset: lba * BLOCK_SIZE }, 'the EFI image', paths, signal)),
    );
  return [...problems, ...(await partitionProblems(medium, inImage, signal))];
};

/** What lies in the image's place but is no image: a directory, a descriptor, the middle of a file. */
const otherAt = async (
  { iso, files }: Medium,
  { lba }: BootImage,
  signal: AbortSignal | undefined,
): Promise<string | undefined> => {
  if (lba <= DESCRIPTORS + 1) return 'where the descriptors of the medium lie';
  const isWithin = (at: number, size: number): boolean => lba >= at && lba < at + Math.ceil(size / BLOCK_SIZE);
  const folder = (await readTree(iso, signal)).find((node) => node.isDirectory && isWithin(node.lba, node.size));
  if (folder !== undefined) return `the folder ${folder.path}`;
  // Also where it belongs to no file: an image may lie outside the file system.
  if ([...files.values()].some((extents) => extents.some((one) => one.lba === lba))) return undefined;
  const cut = [...files].find(([, extents]) => extents.some((one) => isWithin(one.lba, one.size)));
  return cut === undefined ? undefined : `in the middle of ${cut[0]}`;
};

/** Nobody knows all loaders; but none consists of one repeated byte, or of text. */
const codeProblems = async (file: FileHandle, { lba, emulation }: BootImage): Promise<string[]> => {
  const sector = await readAt(file, lba * BLOCK_SIZE, SECTOR);
  if (sector.every((byte) => byte === sector[0])) return ['has no code at its beginning'];
  // A short one is filled with zeros.
  if (/^[\t-\r -~]+\0*$/.test(sector.toString('latin1'))) return ['is a text'];
  // A floppy or a disk is started by its first sector's signature.
  return emulation === 'none' || sector.readUInt16LE(510) === 0xaa55 ? [] : ['has no boot signature'];
};

const isDefaultLoader = (path: string): boolean => /^\/EFI\/BOOT\/BOOT[^/]*\.EFI$/i.test(path);

/** Those that firmware starts, and those in their folder that they go on to. */
const isLoader = (path: string): boolean => /^\/EFI\/BOOT\/[^/]*\.EFI$/i.test(path);

const imageProblems = async (
  image: FatImage,
  name: string,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> => {
  if (!paths.some(isDefaultLoader)) return [`${name} has no /EFI/BOOT/BOOT*.EFI`];
  const problems: string[] = [];
  for (const path of paths.filter(isLoader)) {
    const problem = peProblem(await readFat(image, path, { signal }), basename(path));
    if (problem !== undefined) problems.push(`${path} of ${name} ${problem}`);
  }
  return problems;
};

/** Partitions that are no image of the boot catalog: firmware looks into them when the medium is a disk. */
const partitionProblems = async (
  { iso, boot, volume }: Medium,
  inImage: ReadonlyMap<number, readonly string[]>,
  signal: AbortSignal | undefined,
): Promise<string[]> => {
  const problems: string[] = [];
  const seen = new Set([...inImage.keys()].map((lba) => lba * (BLOCK_SIZE / SECTOR)));
  for (const partition of [...boot.gpt, ...boot.mbr]) {
    const { number, start } = partition;
    if (partitionBoots(partition) === undefined || seen.has(start) || start * SECTOR >= volume.fileSize) continue;
    seen.add(start);
    const image = { path: iso, offset: start * SECTOR };
    const name = `EFI partition ${number}`;
    try {
      problems.push(...(await imageProblems(image, name, await listFat(image, { signal }), signal)));
    } catch (error) {
      if (!(error instanceof IngotError) || error.code !== 'media.efi-image') throw error;
      problems.push(`${name} is not a FAT file system that can be read`);
    }
  }
  return problems;
};
