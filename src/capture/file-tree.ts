/** Every file of an installed system, of all its mounts, with what stat(2) and getxattr(2) would tell. Nothing is followed. */
import { posix } from 'node:path';
import { throwIfInterrupted } from '../errors.ts';
import { placeOf } from './ext4/blocks.ts';
import { deviceOf, type Inode } from './ext4/inode.ts';
import { type Ext4Tree, typeOf } from './ext4/tree.ts';
import type { Entry, FileSystem } from './file-system.ts';
import type { Mount } from './guest-files.ts';

export interface FileNode {
  readonly path: string;
  readonly type: Entry['type'];
  /** Permission bits; absent on FAT, as owners are. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size: number;
  /** What it takes on the disk, bytes. */
  readonly allocated: number;
  /** The same for all names of one file. */
  readonly identity: string;
  /** Of a link. */
  readonly target?: string;
  /** Of what is no file, folder or link: `character 1:3`, `block 8:0`, `pipe`, `socket`. */
  readonly device?: string;
  readonly attributes?: ReadonlyMap<string, Buffer>;
  /** Of chattr(1), those that keep even root from changing it: `i`, `a`. */
  readonly flags?: string;
  /** Files in this order lie one after the other on the disk. */
  readonly place: number;
  /** In pieces that are valid until the next one. */
  readonly content: () => AsyncIterable<Uint8Array>;
}

/** By path, the root itself left out; what lies under a mount is hidden by it. */
export type FileTree = ReadonlyMap<string, FileNode>;

export const readTree = async (mounts: readonly Mount[], signal?: AbortSignal): Promise<FileTree> => {
  const nodes = new Map<string, FileNode>();
  const places = new Set(mounts.map(({ path }) => path));
  // The root comes last in `mounts`, since it is the shortest.
  for (const [nth, { path, files, tree }] of mounts.toReversed().entries()) {
    const put = (node: FileNode) => void nodes.set(node.path, node);
    const walk: Walk = { prefix: path === '/' ? '' : path, hidden: places, id: String(nth), put, signal };
    if (tree) await walkExt4(tree, walk);
    else await walkPlain(files, '/', walk);
  }
  return nodes;
};

/** Single files of it, where nobody needs them all: a folder on the way is read, and no other. */
export const nodeFinder = (mounts: readonly Mount[]): ((path: string) => Promise<FileNode | undefined>) => {
  const all = mounts
    .toReversed()
    .map((mount, nth) => ({ ...mount, id: String(nth), prefix: mount.path === '/' ? '' : mount.path }));
  return async (path) => {
    const isIn = ({ prefix, tree }: (typeof all)[number]) =>
      path.startsWith(`${prefix}/`) || (path === prefix && tree !== undefined);
    const [mount] = all.filter(isIn).toSorted((one, other) => other.prefix.length - one.prefix.length);
    if (mount === undefined) return undefined;
    const { files, tree, id, prefix } = mount;
    const inner = path.slice(prefix.length);
    if (tree) {
      const inode = await tree.find(inner);
      return inode && (await nodeOf(tree, inode, { path, id }));
    }
    const entry = (await files.list(posix.dirname(inner)))?.find(({ name }) => name === posix.basename(inner));
    return entry && plainNode(files, entry, { path, inner, id });
  };
};

interface Walk {
  readonly prefix: string;
  readonly hidden: ReadonlySet<string>;
  readonly id: string;
  readonly put: (node: FileNode) => void;
  readonly signal: AbortSignal | undefined;
}

/** A folder that is reached twice is a fault of the file system, and would never end. */
const walkExt4 = async (tree: Ext4Tree, { prefix, hidden, id, put, signal }: Walk): Promise<void> => {
  const root = await tree.root();
  // What the place of a mount shows is the root of the file system there.
  if (prefix !== '') put(await nodeOf(tree, root, { path: prefix, id }));
  const seen = new Set<number>([root.number]);
  let level: { readonly path: string; readonly inode: Inode }[] = [{ path: prefix, inode: root }];
  while (level.length > 0) {
    throwIfInterrupted(signal);
    const next: typeof level = [];
    for (const folder of level) {
      for (const { name, inode } of await tree.below(folder.inode)) {
        const path = `${folder.path}/${name}`;
        const node = await nodeOf(tree, inode, { path, id });
        const { type } = node;
        put(node);
        if (type !== 'folder' || hidden.has(path) || seen.has(inode.number)) continue;
        seen.add(inode.number);
        next.push({ path, inode });
      }
    }
    level = next.toSorted((one, other) => one.inode.number - other.inode.number);
  }
};

const nodeOf = async (
  tree: Ext4Tree,
  inode: Inode,
  { path, id }: { readonly path: string; readonly id: string },
): Promise<FileNode> => {
  const { number } = inode;
  const type = typeOf(inode);
  return {
    path,
    ...statOf(inode),
    type,
    identity: `${id}:${number}`,
    place: placeOf(inode),
    ...(await moreOf(tree, inode, type)),
    content: () => tree.content(number),
  };
};

const statOf = ({ mode, uid, gid, size, allocated }: Inode) => ({ mode: mode & 0o7777, uid, gid, size, allocated });

const [IMMUTABLE, APPEND_ONLY] = [0x10, 0x20];

const moreOf = async (tree: Ext4Tree, inode: Inode, type: Entry['type']): Promise<Partial<FileNode>> => {
  const attributes = await tree.attributes(inode);
  const flags = `${inode.flags & IMMUTABLE ? 'i' : ''}${inode.flags & APPEND_ONLY ? 'a' : ''}`;
  return {
    ...(type === 'link' ? { target: await tree.target(inode) } : {}),
    ...(type === 'other' ? { device: deviceOf(inode) } : {}),
    ...(attributes.size === 0 ? {} : { attributes }),
    ...(flags === '' ? {} : { flags }),
  };
};

const walkPlain = async (files: FileSystem, folder: string, walk: Walk): Promise<void> => {
  for (const entry of (await files.list(folder)) ?? []) {
    const inner = posix.join(folder, entry.name);
    const path = `${walk.prefix}${inner}`;
    walk.put(plainNode(files, entry, { path, inner, id: walk.id }));
    if (entry.type === 'folder' && !walk.hidden.has(path)) await walkPlain(files, inner, walk);
  }
};

const plainNode = (
  files: FileSystem,
  { name: _, ...entry }: Entry,
  { path, inner, id }: Readonly<Record<'path' | 'inner' | 'id', string>>,
): FileNode => {
  const content = async function* () {
    yield await files.read(inner);
  };
  return { path, ...entry, allocated: entry.size, identity: `${id}:${inner}`, place: 0, content };
};
