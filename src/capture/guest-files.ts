/**
 * The files of an installed system as its own fstab arranges them, read from outside out of a raw disk image. This
 * is how a captured disk is checked: nothing of the guest runs.
 */
import { posix } from 'node:path';
import { IngotError } from '../errors.ts';
import type { Ext4Tree } from './ext4/tree.ts';
import { type Ext4, openExt4 } from './ext4.ts';
import type { Entry, FileSystem } from './file-system.ts';
import { parseFstab } from './fstab.ts';
import { type Partition, type PartitionTable, readPartitions } from './partitions.ts';
import { openVfat } from './vfat.ts';

export interface Mount {
  /** Where it is in the system, `/` for the root file system. */
  readonly path: string;
  readonly partition: Partition;
  readonly files: FileSystem;
  /** Present when it is ext4 and read with debugfs, as the disks of a build are. */
  readonly ext4?: Ext4;
  /** Present when it is ext4 and read by ourselves, as images of any format are. */
  readonly tree?: Ext4Tree;
}

export interface Found {
  /** With every symbolic link on the way resolved. */
  readonly path: string;
  readonly entry: Entry;
}

export interface GuestFiles {
  readonly image: string;
  readonly table: PartitionTable;
  /** The longest mount path first. */
  readonly mounts: readonly Mount[];
  /** Follows links, the last one too. */
  find(path: string): Promise<Found | undefined>;
  /** Target of the link at `path`, undefined when it is not a link. */
  link(path: string): Promise<string | undefined>;
  /** In which file system a file is, and where there. */
  place(path: string): Promise<{ readonly mount: Mount; readonly inner: string } | undefined>;
  read(path: string): Promise<Buffer | undefined>;
  text(path: string): Promise<string | undefined>;
  /** Entries of a folder, mounts in it included; empty when there is no such folder. */
  list(path: string): Promise<readonly Entry[]>;
}

const MOST_LINKS = 40;

/** Throws `capture.no-system` when no partition holds an ext4 file system with an /etc/fstab. */
export const openGuestFiles = async (image: string): Promise<GuestFiles> => {
  const table = await readPartitions(image);
  return guestFilesOf(image, table, {
    async ext4({ start }) {
      const ext4 = openExt4(image, start);
      return { files: ext4, ext4 };
    },
    fat: async ({ start }) => ({ files: openVfat(image, start) }),
  });
};

type OpenMount = (partition: Partition) => Promise<Pick<Mount, 'files' | 'ext4' | 'tree'>>;

/** How partitions are read. */
export interface Readers {
  readonly ext4: OpenMount;
  readonly fat: OpenMount;
}

/** The same for an image whose table of partitions is known already, and read as `read` says. */
export const guestFilesOf = async (image: string, table: PartitionTable, readers: Readers): Promise<GuestFiles> => {
  const mounts = await mountsOf(image, table, readers);

  const mountOf = (path: string): { readonly mount: Mount; readonly inner: string } => {
    const mount = mounts.find((one) => one.path === '/' || path === one.path || path.startsWith(`${one.path}/`));
    if (mount === undefined) throw new Error('the root file system is not mounted');
    const inner = mount.path === '/' ? path : path.slice(mount.path.length);
    return { mount, inner: inner === '' ? '/' : inner };
  };
  const entryAt = async (path: string): Promise<Entry | undefined> => {
    if (path === '/') return { name: '', type: 'folder', size: 0 };
    const { mount, inner } = mountOf(path);
    if (inner === '/') return { name: posix.basename(path), type: 'folder', size: 0 };
    return (await mount.files.list(posix.dirname(inner)))?.find(({ name }) => name === posix.basename(inner));
  };
  const linkAt = (path: string): Promise<string> => {
    const { mount, inner } = mountOf(path);
    return mount.files.readLink(inner);
  };
  const resolve = async (path: string, followLast: boolean): Promise<Found | undefined> => {
    let pending = path.split('/').filter((part) => part !== '');
    let here = '/';
    let entry: Entry | undefined = await entryAt('/');
    for (let links = 0; pending.length > 0; ) {
      const [name = '', ...rest] = pending;
      const next = posix.join(here, name);
      entry = await entryAt(next);
      if (entry === undefined) return undefined;
      pending = rest;
      if (entry.type !== 'link' || (rest.length === 0 && !followLast)) {
        here = next;
        continue;
      }
      links += 1;
      if (links > MOST_LINKS) return undefined;
      const target = posix.resolve(here, await linkAt(next));
      pending = [...target.split('/').filter((part) => part !== ''), ...rest];
      here = '/';
      entry = await entryAt('/');
    }
    return entry === undefined ? undefined : { path: here, entry };
  };
  const read = async (path: string): Promise<Buffer | undefined> => {
    const found = await resolve(path, true);
    if (found?.entry.type !== 'file') return undefined;
    const { mount, inner } = mountOf(found.path);
    return mount.files.read(inner);
  };

  return {
    image,
    table,
    mounts,
    find: (path) => resolve(path, true),
    async link(path) {
      const found = await resolve(path, false);
      return found?.entry.type === 'link' ? linkAt(found.path) : undefined;
    },
    async place(path) {
      const found = await resolve(path, true);
      return found && mountOf(found.path);
    },
    read,
    text: async (path) => (await read(path))?.toString('utf8'),
    async list(path) {
      const found = await resolve(path, true);
      if (found?.entry.type !== 'folder') return [];
      const { mount, inner } = mountOf(found.path);
      return (await mount.files.list(inner)) ?? [];
    },
  };
};

const mountsOf = async (image: string, table: PartitionTable, readers: Readers): Promise<readonly Mount[]> => {
  const open = async (partition: Partition, path: string): Promise<Mount[]> => {
    const reader = partition.content === 'vfat' ? readers.fat : isExt(partition) ? readers.ext4 : undefined;
    return reader === undefined ? [] : [{ path, partition, ...(await reader(partition)) }];
  };
  for (const partition of table.partitions.filter(isExt)) {
    const root = { path: '/', partition, ...(await readers.ext4(partition)) };
    if (!(await root.files.list('/etc'))?.some(({ name }) => name === 'fstab')) continue;
    const fstab = parseFstab((await root.files.read('/etc/fstab')).toString());
    const others = fstab.map(async ({ device, path }) => {
      const there = table.partitions.find((one) => isNamedBy(one, device));
      return path.startsWith('/') && path !== '/' && there ? open(there, path) : [];
    });
    return [...(await Promise.all(others)).flat(), root].sort((one, other) => other.path.length - one.path.length);
  }
  throw new IngotError('capture.no-system', 'no partition of the captured disk holds a system that can be read', {
    where: image,
    detail: table.partitions.map(({ number, content }) => `partition ${number}: ${content ?? 'unknown'}`).join('\n'),
    hint: 'Only ext4 on plain partitions can be checked from outside yet.',
  });
};

const isExt = ({ content }: Partition): boolean => /^ext[234]$/.test(content ?? '');

const isNamedBy = ({ uuid, partitionUuid }: Partition, device: string): boolean => {
  const [kind = '', value = ''] = device.replaceAll('"', '').split('=');
  if (kind === 'UUID') return uuid?.toLowerCase() === value.toLowerCase();
  return kind === 'PARTUUID' && partitionUuid === value.toLowerCase();
};
