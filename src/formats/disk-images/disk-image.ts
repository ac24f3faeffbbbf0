/**
 * Formats of disk images, by QEMU's names, and how a file of each is recognized. A guest can write anything to its disk, so the
 * first bytes of a raw image may look like any other format: a name that ends in `.raw` decides.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { ifThere } from '../../host/if-there.ts';
import { type OtherFiles, qcow2Files } from './qcow2-header.ts';
import { vmdkFiles } from './vmdk-descriptor.ts';

export interface DiskFormat {
  readonly name: 'qcow2' | 'raw' | 'vmdk' | 'vhdx' | 'vpc' | 'vdi';
  /** As people call it. */
  readonly title: string;
  /** Bytes that every file of the format has, and where. */
  readonly magic?: { readonly at: number; readonly bytes: Buffer };
}

export type DiskFormatName = DiskFormat['name'];

const text = (at: number, bytes: string) => ({ at, bytes: Buffer.from(bytes, 'latin1') });

/** QEMU's block/qcow2.h, vmdk.c, vhdx.h, vpc.c, vdi.c. A VHD of fixed size has its mark at the end, and is raw before it. */
export const DISK_FORMATS: readonly DiskFormat[] = [
  { name: 'qcow2', title: 'qcow2', magic: text(0, 'QFI\xfb') },
  { name: 'vmdk', title: 'VMDK', magic: text(0, 'KDMV') },
  { name: 'vhdx', title: 'VHDX', magic: text(0, 'vhdxfile') },
  { name: 'vpc', title: 'VHD', magic: text(0, 'conectix') },
  { name: 'vdi', title: 'VDI', magic: text(64, '\x7f\x10\xda\xbe') },
  { name: 'raw', title: 'raw' },
];

const SECTOR = 512;
/** Enough for every mark. */
const HEAD = 512;

/** Layers over layers; QEMU itself opens up to 200. */
const MOST_LAYERS = 32;

/**
 * The format of a disk image; undefined when it is none. Throws `machine.image-needs-files` for one that would have QEMU
 * open a file somewhere else on this host, or over the network, by itself or by the layers below it, and what the operating system
 * says of the path.
 */
export const diskFormatOf = async (
  path: string,
  above: readonly string[] = [],
): Promise<DiskFormatName | undefined> => {
  await using file = await open(path);
  const { size } = await file.stat();
  if (extname(path).toLowerCase() === '.raw') return size > 0 ? 'raw' : undefined;
  const found = await markOf(file);
  const others = found === 'qcow2' ? await qcow2Files(file) : found === 'vmdk' ? await vmdkFiles(file) : undefined;
  if (others !== undefined) {
    refuseFarFiles(path, others);
    const below = others.backing === undefined ? undefined : join(dirname(path), others.backing);
    if (below !== undefined && (above.length >= MOST_LAYERS || [...above, path].includes(below)))
      throw endlessLayers(above[0] ?? path);
    // One that is not there is QEMU's to name.
    if (below !== undefined) await ifThere(diskFormatOf(below, [...above, path]));
  }
  if (found !== undefined) return found;
  return size > 0 && size % SECTOR === 0 ? 'raw' : undefined;
};

/** The format whose mark the first bytes have. */
export const markOf = async (file: FileHandle): Promise<DiskFormatName | undefined> => {
  const head = Buffer.alloc(HEAD);
  await file.read(head, 0, HEAD, 0);
  return DISK_FORMATS.find(({ magic }) => magic?.bytes.equals(head.subarray(magic.at, magic.at + magic.bytes.length)))
    ?.name;
};

/** A backing file next to the image is the user's own; an image that names any other file may be an attack. */
const refuseFarFiles = (path: string, { backing, hasDataFile }: OtherFiles): void => {
  if (!hasDataFile && (backing === undefined || isBeside(backing))) return;
  throw new IngotError(
    'machine.image-needs-files',
    hasDataFile ? 'the image keeps its data in another file' : `the image is a layer over ${backing}`,
    {
      where: path,
      hint: 'If you know that file, make one image of both: `qemu-img convert -O qcow2 FILE flat.qcow2`. An image from elsewhere may name any file of this host to read it.',
    },
  );
};

const endlessLayers = (where: string): IngotError =>
  new IngotError('machine.image-needs-files', 'the image is a layer over itself, or over too many others', {
    where,
    hint: `Make one image of all layers, up to ${MOST_LAYERS}: \`qemu-img convert -O qcow2 FILE flat.qcow2\`.`,
  });

/** `base.qcow2`, `../base/disk.qcow2`; no absolute path, and none of QEMU's own forms (`json:{…}`, `nbd://…`). */
const isBeside = (name: string): boolean => !name.startsWith('/') && !name.includes(':');
