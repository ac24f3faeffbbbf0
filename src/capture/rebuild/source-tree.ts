/** The files of an ext4 file system as nodes that can be written again: sorted, with times no younger than the image, canonical where a rule says so. */
import { constants } from 'node:fs';
import { throwIfInterrupted } from '../../errors.ts';
import type { Inode } from '../ext4/inode.ts';
import type { Ext4Tree } from '../ext4/tree.ts';
import { cannotRebuild } from '../ext4-write/cannot-rebuild.ts';
import type { Body, FolderEntry, WriteNode } from '../ext4-write/node.ts';
import { type CanonicalContext, type CanonicalRule, ruleFor } from './canonical.ts';

export interface SourceOptions {
  readonly rules: readonly CanonicalRule[];
  readonly context: CanonicalContext;
  /** Where it is in the system, without a slash at the end. */
  readonly prefix: string;
  /** Told of each rule that is applied. */
  readonly applied?: (rule: CanonicalRule, path: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Of chattr(1): what an administrator sets (s, u, c, S, i, a, d, A, D, j, T). */
const KEPT_FLAGS = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0x4000 | 0x10000 | 0x20000;
const LOST_AND_FOUND = 'lost+found';
const SWAP_MARK = 'SWAPSPACE2';
const PAGE = 4096;
/** A file up to here is read as a whole, so that it can name a file system. */
const SMALL = 4 * 2 ** 20;
const { S_IFMT, S_IFDIR, S_IFREG, S_IFLNK } = constants;

/** The root first, lost+found second where there is one. */
export const sourceNodes = async (tree: Ext4Tree, options: SourceOptions): Promise<WriteNode[]> => {
  const nodes: WriteNode[] = [];
  const known = new Map<number, WriteNode>();
  const { time } = options.context;

  const commonOf = async (inode: Inode) => ({
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    time: Math.min(inode.modified, time),
    flags: inode.flags & KEPT_FLAGS,
    attributes: await tree.attributes(inode),
  });

  const folder = async (inode: Inode, path: string, parent: WriteNode | undefined): Promise<WriteNode> => {
    throwIfInterrupted(options.signal);
    const entries: FolderEntry[] = [];
    const node: WriteNode = { ...(await commonOf(inode)), body: { type: 'folder', entries, parent } };
    nodes.push(node);
    const found = (await tree.below(inode)).map(({ name, inode }) => ({ name, bytes: Buffer.from(name), inode }));
    // Its number is known to be the first one.
    const isFirst = ({ name }: { readonly name: string }) => parent === undefined && name === LOST_AND_FOUND;
    const sorted = found.toSorted(
      (one, other) => Number(isFirst(other)) - Number(isFirst(one)) || Buffer.compare(one.bytes, other.bytes),
    );
    for (const { name, bytes, inode } of sorted) {
      const place = `${path}/${name}`;
      if (name.includes('\uFFFD')) throw cannotRebuild('a name is not UTF-8', place);
      const rule = ruleFor(options.rules, `${options.prefix}${place}`);
      if (rule) options.applied?.(rule, `${options.prefix}${place}`);
      if (rule?.make === 'remove') continue;
      const made = known.get(inode.number) ?? (await one(inode, place, node, rule));
      known.set(inode.number, made);
      entries.push({ name: bytes, node: made });
    }
    entries.sort((one, other) => Buffer.compare(one.name, other.name));
    return node;
  };

  const one = async (inode: Inode, path: string, parent: WriteNode, rule: CanonicalRule | undefined) => {
    if ((inode.mode & S_IFMT) === S_IFDIR) return folder(inode, path, parent);
    const node = { ...(await commonOf(inode)), body: await bodyOf(inode, path, rule) };
    nodes.push(node);
    return node;
  };

  const bodyOf = async (inode: Inode, path: string, rule: CanonicalRule | undefined): Promise<Body> => {
    const type = inode.mode & S_IFMT;
    if (type === S_IFLNK) {
      const target = await tree.target(inode);
      if (target.includes('\uFFFD')) throw cannotRebuild('the target of a link is not UTF-8', path);
      return { type: 'link', target: options.context.renew(Buffer.from(target)) };
    }
    if (type !== S_IFREG) return { type: 'special', device: inode.block.subarray(0, 8) };
    const { size, number } = inode;
    const content = () => tree.content(number);
    if (rule !== undefined && rule.make !== 'remove')
      return whole(await rule.make(await read(content()), options.context));
    if (size <= SMALL && (inode.modified > options.context.time || isSettings(`${options.prefix}${path}`)))
      return whole(options.context.renew(await read(content())));
    return { type: 'file', size, content, isWhole: await isSwap(inode, content) };
  };

  await folder(await tree.root(), '', undefined);
  return nodes;
};

const isSettings = (path: string): boolean => /^\/(etc|boot)\//.test(path);

const whole = (bytes: Buffer): Body => ({ type: 'file', size: bytes.length, content: () => [bytes], isWhole: false });

const read = async (content: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(content, (piece) => Buffer.from(piece)));

/** A swap file must have no holes. */
const isSwap = async ({ size }: Inode, content: () => AsyncIterable<Buffer>): Promise<boolean> => {
  if (size < 10 * PAGE || size % PAGE !== 0) return false;
  let first = Buffer.alloc(0);
  for await (const piece of content()) {
    first = Buffer.concat([first, piece]);
    if (first.length >= PAGE) break;
  }
  return first.toString('latin1', PAGE - SWAP_MARK.length, PAGE) === SWAP_MARK;
};
