/** An image of somebody else, checked before QEMU opens it: it has to be what it is named, need no other file, and make sense. */
import { open } from 'node:fs/promises';
import { IngotError, retold } from '../errors.ts';
import { type Compression, compressionOf, LONGEST_MAGIC } from '../formats/compression/compression.ts';
import { DISK_FORMATS, type DiskFormatName, markOf } from '../formats/disk-images/disk-image.ts';
import { type ImageFacts, type ImageFile, imageFault, requireVirtualSize } from '../formats/disk-images/image-fault.ts';
import { readQcow2 } from '../formats/disk-images/qcow2-checks.ts';
import { readVdi } from '../formats/disk-images/vdi-checks.ts';
import { readVhd } from '../formats/disk-images/vhd-checks.ts';
import { readVhdx } from '../formats/disk-images/vhdx-checks.ts';
import { readVmdk } from '../formats/disk-images/vmdk-checks.ts';
import { differs } from '../recipe/values/image-name.ts';

const SECTOR = 512;

const readRaw = async ({ size }: ImageFile): Promise<ImageFacts> => {
  if (size % SECTOR !== 0) throw imageFault('truncated', `a raw image is whole sectors, and this has ${size} bytes`);
  return requireVirtualSize(size);
};

type Reader = (file: ImageFile) => Promise<ImageFacts & { readonly isPlain?: boolean }>;

const READERS: Readonly<Record<DiskFormatName, Reader>> = {
  qcow2: readQcow2,
  raw: readRaw,
  vmdk: readVmdk,
  vpc: readVhd,
  vhdx: readVhdx,
  vdi: readVdi,
};

export interface CheckedImage extends ImageFacts {
  /** A qcow2 that can be used as it is. */
  readonly isPlain: boolean;
}

/**
 * Throws `origin.image-format-differs`, `-format-unnamed`, `-needs-files`, `-encrypted`, `-header`, `-truncated`, `-unsupported`
 * or `-too-large`. Changes nothing.
 */
export const checkHeaders = async (path: string, format: DiskFormatName | undefined): Promise<CheckedImage> => {
  await using handle = await open(path);
  const file = { handle, size: (await handle.stat()).size };
  const mark = await contentOf(file);
  if (format === undefined) throw unnamed(path, mark);
  if (mark !== format) throw differs(path, `it is named ${titleOf(format)}, and its content is ${titleOf(mark)}`);
  try {
    const { virtualSize, isPlain = false } = await READERS[format](file);
    return { virtualSize, isPlain };
  } catch (error) {
    throw error instanceof IngotError ? retold(error, { where: path }) : error;
  }
};

type Content = DiskFormatName | Compression;

/** What the bytes are; a raw disk when there is no mark. */
const contentOf = async (file: ImageFile): Promise<Content> => {
  const { handle, size } = file;
  const mark = await markOf(handle);
  if (mark !== undefined) return mark;
  const head = Buffer.alloc(SECTOR);
  await handle.read(head, 0, SECTOR, 0);
  const text = head.toString('latin1');
  if (/^\s*# ?Disk Descriptor/i.test(text) || text.startsWith('COWD')) return 'vmdk';
  const tail = Buffer.alloc(8);
  if (size > SECTOR) await handle.read(tail, 0, tail.length, size - SECTOR);
  if (tail.toString('latin1') === 'conectix') return 'vpc';
  return compressionOf(head.subarray(0, LONGEST_MAGIC)) ?? 'raw';
};

const titleOf = (content: Content): string => DISK_FORMATS.find(({ name }) => name === content)?.title ?? content;

const unnamed = (where: string, mark: Content): IngotError =>
  new IngotError('origin.image-format-unnamed', 'neither the recipe nor the name of the image says its format', {
    where,
    hint: `Name it next to \`image\` (\`format\`). Its first bytes look like ${titleOf(mark)}; what the publisher says counts.`,
  });
