/**
 * A VHD from elsewhere (Microsoft's "Virtual Hard Disk Image Format Specification", big endian): of fixed size, or dynamic
 * with every block inside the file. qemu-img(1) has no check for this format, so the table of blocks is read here.
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

const SECTOR = 512;
const COOKIE = 'conectix';
const [FIXED, DYNAMIC, DIFFERENCING] = [2, 3, 4];
const [LEAST_BLOCK, MOST_BLOCK] = [SECTOR, 256 * 2 ** 20];
/** For 2 TiB in the smallest blocks that anybody writes; the table is read at once. */
const MOST_ENTRIES = 2 ** 22;
const UNUSED = 0xffff_ffff;
const HEADER = 1024;
const PARENT = { id: 40, size: 16 };

export const readVhd = async (file: ImageFile): Promise<ImageFacts> => {
  const first = await bytesAt(file, 0, SECTOR, 'its first sector');
  const isFirst = first.toString('latin1', 0, 8) === COOKIE;
  const footer = isFirst ? first : await bytesAt(file, file.size - SECTOR, SECTOR, 'its footer');
  if (footer.toString('latin1', 0, 8) !== COOKIE) throw imageFault('truncated', 'it has no footer');
  if (footer.readUInt32BE(64) !== sumWithout(footer, 64)) throw imageFault('absurd', 'its footer has a wrong sum');
  const type = footer.readUInt32BE(60);
  if (type === DIFFERENCING) throw imageFault('needs-files', 'it is a layer over another VHD');
  const facts = requireVirtualSize(Number(footer.readBigUInt64BE(48)));
  if (type === FIXED) {
    if (file.size < facts.virtualSize + SECTOR) throw imageFault('truncated', 'it is shorter than its disk');
    return facts;
  }
  if (type !== DYNAMIC) throw imageFault('unsupported', `VHD of type ${type}`);
  await requireBlocks(file, Number(footer.readBigUInt64BE(16)), facts.virtualSize);
  return facts;
};

const requireBlocks = async (file: ImageFile, at: number, virtualSize: number): Promise<void> => {
  const header = await bytesAt(file, at, HEADER, 'the header of its blocks');
  if (header.toString('latin1', 0, 8) !== 'cxsparse' || header.readUInt32BE(36) !== sumWithout(header, 36))
    throw imageFault('absurd', 'the header of its blocks is damaged');
  if (header.subarray(PARENT.id, PARENT.id + PARENT.size).some((byte) => byte !== 0))
    throw imageFault('needs-files', 'it names a parent');
  const [entries, block] = [header.readUInt32BE(28), header.readUInt32BE(32)];
  if (!isPowerOfTwo(block) || block < LEAST_BLOCK || block > MOST_BLOCK)
    throw imageFault('absurd', `blocks of ${block} bytes`);
  const needed = Math.ceil(virtualSize / block);
  if (entries < needed || entries > Math.min(needed + 2 ** 16, MOST_ENTRIES))
    throw imageFault('absurd', `a table of ${entries} blocks, where ${needed} are needed`);
  const table = await bytesAt(file, Number(header.readBigUInt64BE(16)), entries * 4, 'its table of blocks');
  const whole = Math.ceil(block / SECTOR / 8 / SECTOR) * SECTOR + block;
  for (let index = 0; index < entries; index++) {
    const sector = table.readUInt32BE(index * 4);
    if (sector !== UNUSED && !isInside(file.size, sector * SECTOR, whole))
      throw imageFault('truncated', `its block ${index} lies beyond its end`);
  }
};

/** The complement of the sum of all bytes but those of the sum itself. */
const sumWithout = (bytes: Buffer, at: number): number => {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) if (index < at || index >= at + 4) sum += byte;
  return ~sum >>> 0;
};
