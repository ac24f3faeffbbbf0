/**
 * A VMDK from elsewhere (VMware's "Virtual Disk Format 5.0", and how QEMU's block/vmdk.c reads it): one file with a sparse
 * extent in it, as programs export it. A descriptor alone names its extents, which may be any files of this host.
 */
import {
  bytesAt,
  type ImageFacts,
  type ImageFile,
  imageFault,
  isInside,
  isPowerOfTwo,
  requireVirtualSize,
} from './image-fault.ts';
import { DESCRIPTOR_BYTES, parentOf } from './vmdk-descriptor.ts';

const SECTOR = 512;
/** `GD_AT_END`: the grain directory's place stands in a copy of the header before the end. */
const AT_END = 0xffff_ffff_ffff_ffffn;
const TABLE_ENTRIES = 512;
const [LEAST_GRAIN, MOST_GRAIN] = [8, 2 ** 17];
const COMPRESSED = 2 ** 16;
const TYPES = /^createType="(monolithicSparse|streamOptimized)"$/m;

export const readVmdk = async (file: ImageFile): Promise<ImageFacts> => {
  const start = await bytesAt(file, 0, Math.min(file.size, SECTOR), 'its header');
  if (start.toString('latin1', 0, 4) !== 'KDMV') {
    if (/^\s*# ?Disk Descriptor/i.test(start.toString('latin1')))
      throw imageFault('needs-files', 'it is a descriptor, and its extents are files of their own');
    throw imageFault('unsupported', 'it has no sparse extent');
  }
  const header = await bytesAt(file, 0, SECTOR, 'its header');
  const facts = requireExtent(header);
  await requireDescriptor(file, header);
  const directory = header.readBigUInt64LE(56);
  const at = directory === AT_END ? await directoryOfFooter(file, header) : directory;
  const grains = Math.ceil(facts.virtualSize / SECTOR / Number(header.readBigUInt64LE(20)));
  if (!isInside(file.size, Number(at) * SECTOR, Math.ceil(grains / TABLE_ENTRIES) * 4))
    throw imageFault('truncated', 'its grain directory lies beyond its end');
  return facts;
};

const requireExtent = (header: Buffer): ImageFacts => {
  const version = header.readUInt32LE(4);
  if (version < 1 || version > 3) throw imageFault('unsupported', `VMDK of version ${version}`);
  const capacity = Number(header.readBigUInt64LE(12));
  // QEMU reads such a file as a descriptor with a header before it.
  if (capacity === 0) throw imageFault('needs-files', 'its header has no extent, only a descriptor');
  const facts = requireVirtualSize(capacity * SECTOR);
  const grain = Number(header.readBigUInt64LE(20));
  if (!isPowerOfTwo(grain) || grain < LEAST_GRAIN || grain > MOST_GRAIN)
    throw imageFault('absurd', `grains of ${grain} sectors`);
  if (header.readUInt32LE(44) !== TABLE_ENTRIES)
    throw imageFault('absurd', `grain tables of ${header.readUInt32LE(44)} entries`);
  if (header.toString('latin1', 73, 77) !== '\n \r\n')
    throw imageFault('absurd', 'its line ends were changed on the way');
  const compression = header.readUInt16LE(77);
  if ((header.readUInt32LE(8) & COMPRESSED) !== 0 && compression !== 1)
    throw imageFault('unsupported', `compression ${compression}`);
  return facts;
};

const requireDescriptor = async (file: ImageFile, header: Buffer): Promise<void> => {
  const at = Number(header.readBigUInt64LE(28)) * SECTOR;
  if (at === 0) throw imageFault('unsupported', 'it has no descriptor');
  const text = (
    await bytesAt(file, at, Math.min(DESCRIPTOR_BYTES, Math.max(file.size - at, 1)), 'its descriptor')
  ).toString('latin1');
  const own = text.slice(0, text.includes('\0') ? text.indexOf('\0') : text.length).replaceAll('\r\n', '\n');
  const parent = parentOf(text);
  if (parent !== undefined) throw imageFault('needs-files', `it is a layer over ${JSON.stringify(parent)}`);
  if (!/^parentCID=ffffffff$/im.test(own)) throw imageFault('needs-files', 'it is a layer over another image');
  const extents = [...own.matchAll(/^(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\S+)(.*)$/gm)];
  if (extents.length !== 1 || extents[0]?.[1] !== 'SPARSE')
    throw imageFault('needs-files', `its extents are ${extents.map(([line]) => line).join('; ') || 'not named'}`);
  if (!TYPES.test(own)) throw imageFault('unsupported', /^createType=.*$/m.exec(own)?.[0] ?? 'it names no type');
};

/** Marker, header, end-of-stream marker: a sector each. */
const directoryOfFooter = async (file: ImageFile, header: Buffer): Promise<bigint> => {
  const footer = await bytesAt(file, file.size - 2 * SECTOR, SECTOR, 'its footer');
  if (!footer.subarray(0, 4).equals(header.subarray(0, 4)))
    throw imageFault('truncated', 'the footer that its header promises is not there');
  // All but the place of the directory.
  if (!footer.subarray(4, 48).equals(header.subarray(4, 48)))
    throw imageFault('absurd', 'its footer contradicts its header');
  const at = footer.readBigUInt64LE(56);
  if (at === AT_END) throw imageFault('absurd', 'its grain directory is nowhere');
  return at;
};
