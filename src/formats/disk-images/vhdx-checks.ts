/**
 * A VHDX from elsewhere ([MS-VHDX], little endian): what its metadata say of size and parent. Its blocks are looked at by
 * `qemu-img check`.
 */
import {
  bytesAt,
  type ImageFacts,
  type ImageFile,
  imageFault,
  isPowerOfTwo,
  requireVirtualSize,
} from './image-fault.ts';

const REGION_TABLE = 192 * 1024;
const MOST_ENTRIES = 2047;
const REGION_ENTRY = 32;
const METADATA_TABLE = 64 * 1024;
const [LEAST_BLOCK, MOST_BLOCK] = [2 ** 20, 256 * 2 ** 20];
const HAS_PARENT = 2;

/** GUIDs as they stand on the disk: the first three groups little endian. */
const METADATA_REGION = '06a27c8b90479a4bb8fe575f050f886e';
const FILE_PARAMETERS = '3767a1ca36fa434db3b633f0aa44e76b';
const VIRTUAL_SIZE = '2442a52f1bcd7648b2115dbed83bf4b8';
const PARENT_LOCATOR = '2d5fd3a80bb34d45abf7d3d84834ab0c';

export const readVhdx = async (file: ImageFile): Promise<ImageFacts> => {
  const regions = await bytesAt(file, REGION_TABLE, 16 + MOST_ENTRIES * REGION_ENTRY, 'its region table');
  const count = regions.readUInt32LE(8);
  if (regions.toString('latin1', 0, 4) !== 'regi' || count > MOST_ENTRIES)
    throw imageFault('absurd', 'its region table is damaged');
  const at = Array.from({ length: count }, (_, index) => 16 + index * REGION_ENTRY).find(
    (entry) => regions.toString('hex', entry, entry + 16) === METADATA_REGION,
  );
  if (at === undefined) throw imageFault('absurd', 'it has no metadata');
  return await readMetadata(file, Number(regions.readBigUInt64LE(at + 16)));
};

const readMetadata = async (file: ImageFile, region: number): Promise<ImageFacts> => {
  const table = await bytesAt(file, region, METADATA_TABLE, 'its metadata');
  const count = table.readUInt16LE(10);
  if (table.toString('latin1', 0, 8) !== 'metadata' || count > MOST_ENTRIES)
    throw imageFault('absurd', 'its metadata are damaged');
  const places = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const entry = 32 + index * 32;
    const id = table.toString('hex', entry, entry + 16);
    if (places.has(id)) throw imageFault('absurd', 'its metadata say one thing twice');
    places.set(id, region + table.readUInt32LE(entry + 16));
  }
  const item = async (id: string): Promise<Buffer> => {
    const at = places.get(id);
    if (at === undefined) throw imageFault('absurd', 'its metadata are not complete');
    return await bytesAt(file, at, 8, 'its metadata');
  };
  const parameters = await item(FILE_PARAMETERS);
  if ((parameters.readUInt32LE(4) & HAS_PARENT) !== 0 || places.has(PARENT_LOCATOR))
    throw imageFault('needs-files', 'it is a layer over another VHDX');
  const block = parameters.readUInt32LE(0);
  if (!isPowerOfTwo(block) || block < LEAST_BLOCK || block > MOST_BLOCK)
    throw imageFault('absurd', `blocks of ${block} bytes`);
  return requireVirtualSize(Number((await item(VIRTUAL_SIZE)).readBigUInt64LE(0)));
};
