/** A FAT file system read from the bytes of a disk (Microsoft's FAT specification 1.03): an EFI system partition, in its own few files. */
import { IngotError, OUR_FAULT } from '../errors.ts';
import { type Area, cachedArea } from './disk/cached-disk.ts';
import type { Disk } from './disk/disk.ts';
import type { Entry, FileSystem } from './file-system.ts';

interface FatEntry extends Entry {
  readonly cluster: number;
}

interface Layout {
  readonly bits: 12 | 16 | 32;
  readonly clusterSize: number;
  readonly clusters: number;
  /** Bytes of the file system: the table, the root folder of FAT12 and FAT16, the first cluster. */
  readonly table: number;
  readonly root: { readonly at: number; readonly size: number };
  readonly rootCluster: number;
  readonly data: number;
}

const ENTRY = 32;
const [DELETED, LONG_NAME, VOLUME_LABEL, FOLDER] = [0xe5, 0x0f, 0x08, 0x10];
const LARGEST = 64 * 2 ** 20;

/** Throws `capture.file-system` for what is not one. Upper and lower case of names make no difference. */
export const openFat = async (disk: Pick<Disk, 'read'>, start: number): Promise<FileSystem> => {
  const area = cachedArea(disk, start);
  const layout = await layoutOf(area);
  const rootFolder = () =>
    layout.bits === 32
      ? contentOf(area, layout, layout.rootCluster, LARGEST)
      : area.read(layout.root.at, layout.root.size);
  /** Where the folders are that were seen: one that is in two places, or in itself, would never end. */
  const places = new Map<number, string>();
  const find = async (path: string): Promise<FatEntry | 'root' | undefined> => {
    let here: FatEntry | 'root' | undefined = 'root';
    for (const name of path.split('/').filter((part) => part !== '')) {
      const inside: readonly FatEntry[] = here === undefined ? [] : await list(here);
      here = inside.find((one) => one.name.toLowerCase() === name.toLowerCase());
    }
    return here;
  };
  const list = async (folder: FatEntry | 'root'): Promise<readonly FatEntry[]> => {
    if (folder !== 'root' && folder.type !== 'folder') return [];
    const here = folder === 'root' ? 0 : folder.cluster;
    const entries = entriesIn(
      folder === 'root' ? await rootFolder() : await contentOf(area, layout, folder.cluster, LARGEST),
    );
    for (const { type, name, cluster } of entries) {
      if (type !== 'folder') continue;
      const place = `${here} ${name}`;
      const isRoot = layout.bits === 32 && cluster === layout.rootCluster;
      if (cluster === here || isRoot || (places.get(cluster) ?? place) !== place)
        throw damaged('a folder is in two places');
      places.set(cluster, place);
    }
    return entries;
  };
  return {
    async list(path) {
      const found = await find(path);
      if (found === undefined || (found !== 'root' && found.type !== 'folder')) return undefined;
      return (await list(found)).map(({ cluster: _, ...entry }) => entry);
    },
    async read(path) {
      const found = await find(path);
      if (found === undefined || found === 'root' || found.type !== 'file') {
        throw new IngotError('capture.no-such-file', `there is no ${path} on the disk`, { hint: OUR_FAULT });
      }
      return found.size === 0
        ? Buffer.alloc(0)
        : (await contentOf(area, layout, found.cluster, found.size)).subarray(0, found.size);
    },
    async readLink(path) {
      throw new IngotError('capture.no-such-file', `${path} cannot be a link: FAT has none`, { hint: OUR_FAULT });
    },
  };
};

const damaged = (why: string): IngotError =>
  new IngotError('capture.file-system', 'a file system of the image cannot be read', {
    detail: why,
    hint: '`fsck.fat -n` on a raw copy of it says whether it is in order.',
  });

const layoutOf = async (area: Area): Promise<Layout> => {
  const head = await area.read(0, 512);
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) throw damaged('it has no boot sector');
  const [sector, perCluster] = [head.readUInt16LE(11), head.readUInt8(13)];
  const [reserved, tables, rootEntries] = [head.readUInt16LE(14), head.readUInt8(16), head.readUInt16LE(17)];
  const sectors = head.readUInt16LE(19) || head.readUInt32LE(32);
  const tableSectors = head.readUInt16LE(22) || head.readUInt32LE(36);
  if (![512, 1024, 2048, 4096].includes(sector) || perCluster === 0) throw damaged('its boot sector makes no sense');
  const rootAt = (reserved + tables * tableSectors) * sector;
  const rootSize = Math.ceil((rootEntries * ENTRY) / sector) * sector;
  const clusters = Math.floor((sectors - (rootAt + rootSize) / sector) / perCluster);
  return {
    bits: clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32,
    clusterSize: sector * perCluster,
    clusters,
    table: reserved * sector,
    root: { at: rootAt, size: rootSize },
    rootCluster: head.readUInt32LE(44),
    data: rootAt + rootSize,
  };
};

const nextOf = async (area: Area, { bits, table }: Layout, cluster: number): Promise<number> => {
  const bytes = await area.read(table + Math.floor((cluster * bits) / 8), 4);
  if (bits === 32) return bytes.readUInt32LE(0) & 0x0fffffff;
  const value = bytes.readUInt16LE(0);
  return bits === 16 ? value : cluster % 2 === 0 ? value & 0xfff : value >> 4;
};

/** Whole clusters of a chain, as many as `size` bytes take: a chain that is a ring ends there too. */
const contentOf = async (area: Area, layout: Layout, first: number, size: number): Promise<Buffer> => {
  if (size > LARGEST) throw damaged('a file is too large to be read');
  const { clusterSize, clusters, data } = layout;
  const parts: Buffer[] = [];
  let left = Math.min(size, clusters * clusterSize);
  for (let cluster = first; left > 0 && cluster >= 2 && cluster < clusters + 2; left -= clusterSize) {
    parts.push(await area.read(data + (cluster - 2) * clusterSize, clusterSize));
    cluster = await nextOf(area, layout, cluster);
  }
  return Buffer.concat(parts);
};

const entriesIn = (bytes: Buffer): FatEntry[] => {
  const found: FatEntry[] = [];
  const names = new Set<string>();
  let long = '';
  for (let at = 0; at + ENTRY <= bytes.length && bytes.readUInt8(at) !== 0; at += ENTRY) {
    const entry = bytes.subarray(at, at + ENTRY);
    const attributes = entry.readUInt8(11);
    if (entry.readUInt8(0) === DELETED) long = '';
    else if ((attributes & LONG_NAME) === LONG_NAME) long = longPart(entry) + long;
    else {
      const name = long.replace(/\0.*$/s, '') || shortName(entry);
      long = '';
      if ((attributes & VOLUME_LABEL) !== 0 || name === '.' || name === '..') continue;
      if (/[\0/\\]/.test(name) || name === '') throw damaged('a folder has a name that is none');
      if (names.has(name.toLowerCase())) throw damaged('a folder has one name twice');
      names.add(name.toLowerCase());
      const isFolder = (attributes & FOLDER) !== 0;
      found.push({
        name,
        type: isFolder ? 'folder' : 'file',
        size: isFolder ? 0 : entry.readUInt32LE(28),
        cluster: entry.readUInt16LE(20) * 2 ** 16 + entry.readUInt16LE(26),
      });
    }
  }
  return found;
};

/** Thirteen characters in three places; after the last one there is a zero. */
const longPart = (entry: Buffer): string =>
  Buffer.concat([entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)]).toString('utf16le');

/** Two bits say that the name, or what follows the dot, is in small letters. */
const shortName = (entry: Buffer): string => {
  const [base, extension] = [entry.toString('latin1', 0, 8).trimEnd(), entry.toString('latin1', 8, 11).trimEnd()];
  const flags = entry.readUInt8(12);
  const [name, last] = [
    (flags & 8) !== 0 ? base.toLowerCase() : base,
    (flags & 16) !== 0 ? extension.toLowerCase() : extension,
  ];
  return last === '' ? name : `${name}.${last}`;
};
