/**
 * tar archives as the installer's busybox reads them: ustar headers, and GNU's long-name records where a name does not
 * fit (tar(5), "GNU tar archives"). Reading is left to node-tar; written is what it read, under other names.
 */

import { Header, Parser } from 'tar';
import { IngotError } from '../../errors.ts';
import { own } from '../../own.ts';
import { PACKAGE_BUILT_WRONG } from '../packages/built-wrong.ts';

export type TarType = 'File' | 'Link' | 'SymbolicLink' | 'Directory' | SpecialType;
type SpecialType = 'CharacterDevice' | 'BlockDevice' | 'FIFO';

export interface TarEntry {
  /** Relative, without `./` and without a slash at its end; empty for the root itself. */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 except for files. */
  readonly size: number;
  readonly mtime: Date;
  readonly linkpath?: string | undefined;
  /** Names of owner and group, where the archive has them: they count before the numbers. */
  readonly uname?: string;
  readonly gname?: string;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

const BLOCK = 512;

/** The blocks before an entry's content. */
export const tarHeader = (entry: TarEntry): Uint8Array => {
  const block = Buffer.alloc(BLOCK);
  const { path, linkpath, ...rest } = entry;
  const shown = entry.type === 'Directory' ? `${path}/` : path;
  const header = new Header({
    ...rest,
    path: shown,
    ...(linkpath === undefined ? {} : { linkpath }),
    uname: '',
    gname: '',
  });
  if (!header.encode(block)) return block;
  const longPath = longName('NextFileHasLongPath', shown);
  const longTarget = linkpath === undefined ? [] : longName('NextFileHasLongLinkpath', linkpath);
  return Buffer.concat([...longTarget, ...longPath, block]);
};

const longName = (type: 'NextFileHasLongPath' | 'NextFileHasLongLinkpath', name: string): Uint8Array[] => {
  const content = Buffer.from(`${name}\0`);
  const block = Buffer.alloc(BLOCK);
  new Header({ path: '././@LongLink', type, mode: 0o644, uid: 0, gid: 0, size: content.length }).encode(block);
  return [block, content, tarPadding(content.length)];
};

/** Zeros from the end of a content of `size` bytes to the next block. */
export const tarPadding = (size: number): Uint8Array => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

export interface TarVisitor {
  entry(entry: TarEntry): void;
  /** A piece of the entry's content. */
  data(chunk: Uint8Array): void;
  /** The entry's content is complete. */
  end(): void;
}

/**
 * Shows `visitor` the entries of an archive, in their order. `between` is waited for after each piece of the archive. Throws
 * `origin.package-damaged` when it is not a tar archive or holds something that is no file of a package; devices and pipes are
 * shown to whoever asks for them with `special`.
 */
export const readTar = async (
  archive: AsyncIterable<Uint8Array>,
  visitor: TarVisitor,
  {
    name,
    between,
    special = false,
  }: { readonly name: string; readonly between?: () => Promise<void>; readonly special?: boolean },
): Promise<void> => {
  const parser = new Parser({
    strict: true,
    onReadEntry(read) {
      const path = read.path.replace(/^\.?\/+/, '').replace(/^\.$|\/+$/, '');
      const { mode = 0o644, uid = 0, gid = 0, mtime = new Date(0), linkpath } = read;
      const links = linkpath === undefined || linkpath === '' ? {} : { linkpath };
      visitor.entry({
        path,
        type: typeOf(read.type, name, special),
        mode: mode & 0o7777,
        uid,
        gid,
        size: read.size,
        mtime,
        ...links,
        ...ownersOf(read),
        ...(own(SPECIAL, read.type) === undefined
          ? {}
          : { device: [read.header.devmaj ?? 0, read.header.devmin ?? 0] }),
      });
      read.on('data', (chunk) => visitor.data(chunk));
      read.on('end', () => visitor.end());
    },
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const done = new Promise<void>((resolve) => parser.on('end', resolve));
  parser.on('error', (cause: unknown) => failed.reject(damaged(name, cause)));
  for await (const chunk of archive) {
    parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    await Promise.race([between?.(), failed.promise]);
  }
  parser.end();
  await Promise.race([done, failed.promise]);
};

const TYPES: Readonly<Record<string, TarType>> = {
  File: 'File',
  OldFile: 'File',
  ContiguousFile: 'File',
  Link: 'Link',
  SymbolicLink: 'SymbolicLink',
  Directory: 'Directory',
};

const SPECIAL: Readonly<Record<string, SpecialType>> = {
  CharacterDevice: 'CharacterDevice',
  BlockDevice: 'BlockDevice',
  FIFO: 'FIFO',
};

const ownersOf = ({ uname = '', gname = '' }: { readonly uname?: string; readonly gname?: string }) => ({
  ...(uname === '' ? {} : { uname }),
  ...(gname === '' ? {} : { gname }),
});

const typeOf = (found: string, name: string, special: boolean): TarType => {
  const type = own(TYPES, found) ?? (special ? own(SPECIAL, found) : undefined);
  if (type) return type;
  throw damaged(name, new Error(`it holds a ${found}`));
};

const damaged = (name: string, cause: unknown): IngotError =>
  cause instanceof IngotError
    ? cause
    : new IngotError(
        'origin.package-damaged',
        `${name} cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`,
        { hint: PACKAGE_BUILT_WRONG, cause },
      );
