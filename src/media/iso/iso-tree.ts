/**
 * The directories of an ISO 9660 file system, read by our own code: a damaged or hostile medium is found
 * before other readers, which might loop or read where nothing is, see it. No content of a file is read.
 */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { damaged } from './damaged.ts';
import { type DirectoryRecord, parseRecord, type ReadArea } from './directory-record.ts';
import { BLOCK_SIZE, openMedium, readAt } from './iso9660.ts';

export interface IsoNode extends DirectoryRecord {
  readonly path: string;
}

const ROOT_RECORD = 16 * BLOCK_SIZE + 156;
/** RRIP moves directories below level 8; nothing real is deeper than that many. */
const DEEPEST = 64;
const LARGEST_DIRECTORY = 64 * 2 ** 20;
/** One with a name of one byte. */
const SMALLEST_RECORD = 34;

/** All nodes below the root, and the root as `/`. Throws `media.damaged` with the first few things that are wrong. */
export const readTree = async (iso: string, signal?: AbortSignal): Promise<IsoNode[]> => {
  await using file = await openMedium(iso);
  const fileSize = (await file.stat()).size;
  const readArea: ReadArea = (block, offset, length) => readAt(file, block * BLOCK_SIZE + offset, length);
  const root = await parseRecord(await readAt(file, ROOT_RECORD, SMALLEST_RECORD), readArea);
  const nodes: IsoNode[] = [{ ...root, path: '/' }];
  const seen = new Map<number, string>();
  const visit = async (directory: DirectoryRecord, path: string, depth: number): Promise<void> => {
    throwIfInterrupted(signal);
    const before = seen.get(directory.lba);
    if (before !== undefined) throw damaged(iso, `${path} is the same directory as ${before}: it loops`);
    if (depth > DEEPEST) throw damaged(iso, `${path} lies more than ${DEEPEST} directories deep`);
    seen.set(directory.lba, path);
    for (const record of await recordsOf(file, iso, directory, path, readArea)) {
      if (record.name === '.' || record.name === '..') continue;
      const below = `${path === '/' ? '' : path}/${record.name}`;
      requireSound(record, below, fileSize, iso);
      nodes.push({ ...record, path: below });
      if (record.moved !== undefined)
        await visit(await movedTo(record, record.moved, below, iso, readArea), below, depth + 1);
      // The place to which deep directories are moved is not shown; its content is where it belongs.
      else if (record.isDirectory && !(path === '/' && isMovedPlace(record))) await visit(record, below, depth + 1);
    }
  };
  await visit(root, '/', 0);
  requireApart(nodes, iso);
  return nodes;
};

const isMovedPlace = ({ name }: DirectoryRecord): boolean => /^\.?rr_moved$/i.test(name);

const movedTo = async (
  record: DirectoryRecord,
  lba: number,
  path: string,
  iso: string,
  readArea: ReadArea,
): Promise<DirectoryRecord> => {
  const bytes = await readArea(lba, 0, SMALLEST_RECORD);
  if (bytes.length < SMALLEST_RECORD) throw damaged(iso, `${path} lies past the end of the file`);
  return { ...record, lba, size: (await parseRecord(bytes, readArea)).size };
};

const recordsOf = async (
  file: FileHandle,
  iso: string,
  directory: DirectoryRecord,
  path: string,
  readArea: ReadArea,
): Promise<DirectoryRecord[]> => {
  if (directory.size > LARGEST_DIRECTORY) throw damaged(iso, `${path} states a size of ${directory.size} bytes`);
  const bytes = await readAt(file, directory.lba * BLOCK_SIZE, directory.size);
  if (bytes.length < directory.size) throw damaged(iso, `${path} lies past the end of the file`);
  const records: DirectoryRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    // A record does not cross a block (ECMA-119, 6.8.1.1); zeros fill up.
    const blockEnd = (Math.floor(at / BLOCK_SIZE) + 1) * BLOCK_SIZE;
    if (length === 0) {
      at = blockEnd;
      continue;
    }
    const nameLength = bytes[at + 32] ?? 0;
    if (length < SMALLEST_RECORD || at + length > Math.min(blockEnd, bytes.length) || 33 + nameLength > length)
      throw damaged(iso, `${path} has a broken record at byte ${at}`);
    const record = await parseRecord(bytes.subarray(at, at + length), readArea);
    if (record.problem !== undefined)
      throw damaged(iso, `${path === '/' ? '' : path}/${record.name} ${record.problem}`);
    records.push(record);
    at += length;
  }
  if (records[0]?.name !== '.' || records[0].lba !== directory.lba) throw damaged(iso, `${path} is not a directory`);
  return records;
};

const requireSound = (record: DirectoryRecord, path: string, fileSize: number, iso: string): void => {
  if (!record.isConsistent) throw damaged(iso, `${path} states two different places or sizes`);
  if (/[/\0]/.test(record.name)) throw damaged(iso, `${path} is not a name for a file`);
  if (record.size > 0 && record.lba * BLOCK_SIZE + record.size > fileSize)
    throw damaged(iso, `${path} (${record.size} bytes at block ${record.lba}) reaches past the end of the file`);
};

/** Files may share their bytes (hard links do); a directory shares its bytes with nothing. */
const requireApart = (nodes: readonly IsoNode[], iso: string): void => {
  const placed = nodes.filter(({ size, moved }) => size > 0 && moved === undefined).sort((a, b) => a.lba - b.lba);
  let reach: IsoNode | undefined;
  const endOf = ({ lba, size }: IsoNode): number => lba + Math.ceil(size / BLOCK_SIZE);
  for (const node of placed) {
    if (reach !== undefined && node.lba < endOf(reach) && (node.isDirectory || reach.isDirectory))
      throw damaged(iso, `${node.path} and ${reach.path} overlap`);
    if (reach === undefined || endOf(node) > endOf(reach)) reach = node;
  }
};
