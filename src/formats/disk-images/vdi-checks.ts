/**
 * A VDI from elsewhere (VirtualBox's format, as QEMU's block/vdi.c reads it, little endian): dynamic or static, without a
 * parent, every block inside the file; `qemu-img check` does not look at its length.
 */
import { bytesAt, type ImageFacts, type ImageFile, imageFault, isInside, requireVirtualSize } from './image-fault.ts';

const HEADER = 512;
const [DYNAMIC, STATIC] = [1, 2];
const BLOCK = 2 ** 20;
const VERSION = 0x0001_0001;
/** Entries from here on stand for a block that was never written, or was given back. */
const UNUSED = 0xffff_fffe;
/** Identities of what it is a layer over. */
const LINK = { at: 424, size: 32 };
const ENTRIES_AT_ONCE = 2 ** 16;

export const readVdi = async (file: ImageFile): Promise<ImageFacts> => {
  const header = await bytesAt(file, 0, HEADER, 'its header');
  const number = (at: number): number => header.readUInt32LE(at);
  if (number(68) !== VERSION) throw imageFault('unsupported', `VDI of version 0x${number(68).toString(16)}`);
  const hasParent = header.subarray(LINK.at, LINK.at + LINK.size).some((byte) => byte !== 0);
  if (hasParent) throw imageFault('needs-files', 'it is a layer over another VDI');
  const type = number(76);
  if (type !== DYNAMIC && type !== STATIC) throw imageFault('needs-files', `VDI of type ${type} is a layer`);
  const facts = requireVirtualSize(Number(header.readBigUInt64LE(368)));
  const [map, data, blocks] = [number(340), number(344), number(384)];
  if (number(376) !== BLOCK || number(360) !== 512)
    throw imageFault('absurd', `blocks of ${number(376)} bytes, sectors of ${number(360)}`);
  const needed = Math.ceil(facts.virtualSize / BLOCK);
  if (blocks < needed || blocks > needed + 2 ** 16)
    throw imageFault('absurd', `a table of ${blocks} blocks, where ${needed} are needed`);
  await requireBlocks(file, { map, data, blocks });
  return facts;
};

interface Table {
  readonly map: number;
  readonly data: number;
  readonly blocks: number;
}

const requireBlocks = async (file: ImageFile, { map, data, blocks }: Table): Promise<void> => {
  for (let from = 0; from < blocks; from += ENTRIES_AT_ONCE) {
    const count = Math.min(ENTRIES_AT_ONCE, blocks - from);
    const entries = await bytesAt(file, map + from * 4, count * 4, 'its table of blocks');
    for (let index = 0; index < count; index++) {
      const block = entries.readUInt32LE(index * 4);
      if (block < UNUSED && !isInside(file.size, data + block * BLOCK, BLOCK))
        throw imageFault('truncated', `its block ${from + index} lies beyond its end`);
    }
  }
};
