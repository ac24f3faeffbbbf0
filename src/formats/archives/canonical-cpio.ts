/**
 * An initial root file system with the same members in one order: names sorted, inodes numbered anew, no owner, no time younger than a
 * given one. Hard links stay what they are, and each archive keeps its compression.
 */
import { IngotError } from '../../errors.ts';
import { ByteSource, bytesOf } from '../byte-source.ts';
import { type Compression, compressionOf, expand, gzip, LONGEST_MAGIC, zstd } from '../compression/compression.ts';
import { IS_IT_WHOLE } from '../is-it-whole.ts';
import { HEADER_SIZE, padding, TRAILER } from './cpio.ts';

export interface CanonicalOptions {
  /** Seconds since the epoch. */
  readonly time: number;
  /** What becomes of a member of up to 64 KiB, such as a file of settings. */
  readonly renew: (content: Buffer) => Buffer;
}

/** What mkinitramfs packs with. */
const ZSTD_LEVEL = 9;
const BLOCK = 512;
const SMALL = 65_536;
const FILE = 0o100000;

/** Throws `media.cpio-damaged`, and `media.compression` for one that cannot be packed again. */
export const canonicalCpio = async (archives: Buffer, options: CanonicalOptions): Promise<Buffer> => {
  await using source = new ByteSource([archives]);
  const made: Buffer[] = [];
  while (await source.skipZeros()) {
    const compression = compressionOf(await source.peek(LONGEST_MAGIC));
    if (compression === undefined) made.push(await oneArchive(source, options));
    else {
      await using inner = new ByteSource(expand(source));
      const parts: Buffer[] = [];
      while (await inner.skipZeros()) parts.push(await oneArchive(inner, options));
      made.push(await packed(compression, parts));
    }
  }
  return Buffer.concat(made);
};

const packed = async (compression: Compression, parts: readonly Buffer[]): Promise<Buffer> => {
  if (compression === 'zstd') return bytesOf(zstd(parts, ZSTD_LEVEL));
  if (compression === 'gzip') return bytesOf(gzip(parts));
  throw new IngotError('media.compression', `cannot pack ${compression} data in the same way each time`, {
    hint: 'gzip and zstd can be written: COMPRESS in /etc/initramfs-tools/initramfs.conf.',
  });
};

interface Member {
  readonly name: string;
  /** The thirteen numbers of the header. */
  readonly fields: readonly number[];
  readonly content: Buffer;
}

const [INODE, MODE, UID, GID, LINKS, TIME, SIZE, MAJOR, MINOR] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

const oneArchive = async (source: ByteSource, { time, renew }: CanonicalOptions): Promise<Buffer> => {
  const members: Member[] = [];
  for (;;) {
    const header = (await source.take(HEADER_SIZE)).toString('latin1');
    if (!/^070701[0-9a-f]{104}$/i.test(header)) throw damaged('a header is not newc');
    const fields = Array.from({ length: 13 }, (_, nth) => Number.parseInt(header.slice(6 + 8 * nth, 14 + 8 * nth), 16));
    const [size = 0, nameSize = 0] = [fields[SIZE], fields[11]];
    const name = (await source.take(nameSize)).toString('latin1').replace(/\0$/, '');
    await source.skip(padding(HEADER_SIZE + nameSize));
    const content = await source.take(size);
    if (content.length < size) throw damaged('it ends inside a member');
    await source.skip(padding(size));
    if (name === TRAILER) break;
    members.push({ name, fields, content: size <= SMALL ? renew(content) : content });
  }
  return written(members, time);
};

/** What the names of a hard-linked file have in common; the number of its own for any other one. */
const identityOf = ({ fields, name }: Member): string => {
  const isLinked = (fields[LINKS] ?? 1) > 1 && ((fields[MODE] ?? 0) & 0o170000) === FILE;
  return isLinked ? [INODE, MAJOR, MINOR].map((field) => fields[field]).join(':') : `name ${name}`;
};

const written = (members: readonly Member[], time: number): Buffer => {
  const sorted = members.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  const links = Map.groupBy(sorted, identityOf);
  const numbers = new Map([...links.keys()].map((identity, nth) => [identity, nth + 1]));
  const parts: Buffer[] = [];
  const put = (name: string, fields: readonly number[], content: Buffer): void => {
    const text = fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('');
    const head = HEADER_SIZE + name.length + 1;
    parts.push(Buffer.from(`070701${text}${name}\0`, 'latin1'), Buffer.alloc(padding(head)));
    parts.push(content, Buffer.alloc(padding(content.length)));
  };
  for (const member of sorted) {
    const identity = identityOf(member);
    const names = links.get(identity) ?? [];
    // The last of its names has the content.
    const content =
      names.at(-1) === member ? (names.find(({ content }) => content.length > 0)?.content ?? NOTHING) : NOTHING;
    const fields = member.fields
      .with(INODE, numbers.get(identity) ?? 0)
      .with(UID, 0)
      .with(GID, 0);
    const dated = fields
      .with(TIME, Math.min(fields[TIME] ?? 0, time))
      .with(MAJOR, 0)
      .with(MINOR, 0);
    put(member.name, dated.with(SIZE, content.length), content);
  }
  put(TRAILER, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, TRAILER.length + 1, 0], NOTHING);
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([...parts, Buffer.alloc(padding(size, BLOCK))]);
};

const NOTHING = Buffer.alloc(0);

const damaged = (why: string) =>
  new IngotError('media.cpio-damaged', `the cpio archive cannot be read: ${why}`, { hint: IS_IT_WHOLE });
