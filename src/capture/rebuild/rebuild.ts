/**
 * The same disk again, from its files: table of partitions, file systems and swap are made anew under identifiers and times of the
 * image's own, so that two installations of the same give the same bytes.
 */
import { open } from 'node:fs/promises';
import type { Reporter } from '../../report.ts';
import { openExt4Tree } from '../ext4/tree.ts';
import { cannotRebuild } from '../ext4-write/cannot-rebuild.ts';
import { writeExt4 } from '../ext4-write/write.ts';
import { openFat } from '../fat.ts';
import { openImage } from '../open-image.ts';
import { PARTITION_TYPES, type Partition } from '../partitions.ts';
import type { CanonicalContext, CanonicalRule } from './canonical.ts';
import { writeFat } from './fat.ts';
import { type Identity, renewal, serialText } from './identity.ts';
import { readTable, renewedTable, writeTable } from './partition-table.ts';
import { shapeOf } from './shape.ts';
import { sourceNodes } from './source-tree.ts';

export interface RebuildOptions {
  readonly rules: readonly CanonicalRule[];
  readonly identity: Identity;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** `from` and `to` are raw. Throws `capture.cannot-rebuild` where something on the disk is not known how to be made again. */
export const rebuildDisk = async (
  from: string,
  to: string,
  { rules, identity, reporter, signal }: RebuildOptions,
): Promise<void> => {
  await using image = await openImage(from, signal);
  const { disk, files } = image;
  const { label, partitions } = files.table;
  const renamed = new Map<string, string>();
  const table = renewedTable(await readTable(from), identity, (old, now) => void renamed.set(old, now));
  for (const partition of partitions)
    if (partition.uuid !== undefined) renamed.set(partition.uuid, fileSystemName(partition, identity));
  const context: CanonicalContext = { time: identity.time, renew: renewal(renamed) };

  await using target = await open(to, 'wx+');
  await target.truncate(disk.size);
  await writeTable(to, table, signal);
  const copy = async (start: number, size: number): Promise<void> => {
    for (let done = 0; done < size; done += PIECE) {
      const bytes = await disk.read(start + done, Math.min(PIECE, size - done));
      if (bytes.some((byte) => byte !== 0)) await target.write(bytes, 0, bytes.length, start + done);
    }
  };
  await copy(0, BOOT_CODE);
  // Behind an MBR, a boot loader lies before the first partition.
  const first = Math.min(...partitions.map(({ start }) => start));
  if (label === 'dos') await copy(SECTOR, first - SECTOR);

  for (const partition of partitions) {
    const { start, size, content, number } = partition;
    const where = `partition ${number}`;
    if (content === 'ext4') {
      reporter.line(`${where}: ext4 is written again`);
      const tree = await openExt4Tree(disk, start);
      const mount = files.mounts.find((one) => one.partition.number === number)?.path ?? `/partition-${number}`;
      const applied = new Map<string, number>();
      const nodes = await sourceNodes(tree, {
        rules,
        context,
        prefix: mount === '/' ? '' : mount,
        applied: ({ name }) => void applied.set(name, (applied.get(name) ?? 0) + 1),
        signal,
      });
      const made = {
        shape: shapeOf(tree.superblock, where),
        identity: {
          uuid: fileSystemName(partition, identity),
          hashSeed: identity.uuid(`hashes of partition ${number}`),
          time: identity.time,
        },
      };
      await writeExt4({ disk: target, path: to, start }, nodes, made, signal);
      for (const [name, count] of applied) reporter.line(`made the same: ${name} (${count} files)`);
    } else if (content === 'vfat') {
      const bootSector = await disk.read(start, SECTOR);
      const serial = identity.number(`file system of partition ${number}`);
      const goal = { path: to, start, size, serial, time: identity.time, bootSector };
      await writeFat(await openFat(disk, start), goal, context.renew, signal);
    } else if (content === 'swap') {
      await target.write(await swapHeader(disk, partition, identity), 0, SWAP_HEADER, start);
    } else if (content === undefined && partition.type === PARTITION_TYPES.biosBoot) {
      await copy(start, size);
    } else {
      throw cannotRebuild(`${where} has ${content ?? 'something unknown'}; only ext4, FAT and swap are rebuilt`);
    }
  }
  await target.sync();
};

const PIECE = 2 ** 20;
const SECTOR = 512;
/** Of the first sector; then come the disk's number and the table. */
const BOOT_CODE = 440;
const SWAP_HEADER = 4096;
const SWAP_UUID = 1024 + 12;

const fileSystemName = ({ content, number }: Partition, identity: Identity): string => {
  const purpose = `file system of partition ${number}`;
  return content === 'vfat' ? serialText(identity.number(purpose)) : identity.uuid(purpose);
};

/** The first page; all after it is empty, which sealing has seen to. */
const swapHeader = async (
  disk: { readonly read: (offset: number, length: number) => Promise<Buffer> },
  partition: Partition,
  identity: Identity,
): Promise<Buffer> => {
  const header = Buffer.from(await disk.read(partition.start, SWAP_HEADER));
  Buffer.from(fileSystemName(partition, identity).replaceAll('-', ''), 'hex').copy(header, SWAP_UUID);
  return header;
};
