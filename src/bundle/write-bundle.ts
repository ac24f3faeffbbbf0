/** Writes a bundle, whole or not at all: the same inputs give the same bytes. What is large goes by in pieces. */
import { createHash, type Hash } from 'node:crypto';
import { chmod, type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { TAR_END, tarPadding } from '../formats/archives/tar.ts';
import { publish, requireSpace, temporaryFolder } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { pieces } from '../host/pieces.ts';
import type { Reporter } from '../report.ts';
import { type BundleEntry, type BundleIndex, INDEX_NAME, indexText } from './bundle-index.ts';
import { archiveSize, headerOf, storedEntries } from './layout.ts';

/** Where the content of an entry comes from: a file of the host, or bytes. */
export type Content = string | Uint8Array;

export interface WriteOptions {
  readonly contentOf: (entry: BundleEntry) => Content;
  /** Has secrets: it is for its owner alone. */
  readonly isPrivate: boolean;
  readonly reporter: Pick<Reporter, 'progress'>;
  readonly signal?: AbortSignal | undefined;
}

export interface Written {
  readonly size: number;
  readonly sha256: string;
}

/** Throws `bundle.input-changed` and `host.no-space`; then there is no such file, or the one that was there before. */
export const writeBundle = async (file: string, index: BundleIndex, options: WriteOptions): Promise<Written> => {
  const final = resolve(file);
  const text = Buffer.from(indexText(index));
  const size = archiveSize(index, INDEX_NAME, text.length);
  await makeFolders(dirname(final));
  // What a killed process has left goes when the next one begins here.
  await using work = await temporaryFolder('.bundle-', dirname(final));
  await requireSpace(dirname(final), size, 'the bundle', 'write it elsewhere with --output');
  const temporary = join(work.path, basename(final));
  const whole = createHash('sha256');
  try {
    await using out = await open(temporary, 'wx', options.isPrivate ? 0o600 : 0o644);
    const write = async (bytes: Uint8Array): Promise<void> => {
      whole.update(bytes);
      await writeAll(out, bytes);
    };
    await write(headerOf(INDEX_NAME, text.length));
    await write(text);
    await write(tarPadding(text.length));
    let done = 0;
    for (const entry of storedEntries(index)) {
      await write(headerOf(entry.path, entry.size));
      await writeContent(entry, write, options);
      await write(tarPadding(entry.size));
      done += entry.size;
      options.reporter.progress(done, size, 'bytes');
    }
    await write(TAR_END);
  } catch (error) {
    throw spaceError(error, final);
  }
  await chmod(temporary, options.isPrivate ? 0o600 : 0o644);
  await publish(temporary, final);
  return { size, sha256: whole.digest('hex') };
};

const writeAll = async (out: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; ) at += (await out.write(bytes, at)).bytesWritten;
};

const writeContent = async (
  entry: BundleEntry,
  write: (bytes: Uint8Array) => Promise<void>,
  { contentOf, signal }: WriteOptions,
): Promise<void> => {
  const content = contentOf(entry);
  const digest = createHash('sha256');
  let length = 0;
  const add = async (bytes: Uint8Array): Promise<void> => {
    // More than the header says would be read as the next file.
    if (length + bytes.length > entry.size) throw changed(entry, content);
    length += bytes.length;
    digest.update(bytes);
    await write(bytes);
  };
  if (typeof content === 'string') {
    await using from = await open(content);
    for await (const { bytes } of pieces(from, 0, entry.size + 1, signal)) await add(bytes);
  } else await add(content);
  if (length !== entry.size || hex(digest) !== entry.sha256) throw changed(entry, content);
};

const hex = (digest: Hash): string => digest.digest('hex');

const changed = ({ path }: BundleEntry, content: Content): IngotError =>
  new IngotError('bundle.input-changed', `${path} is not what the lock and the index say of it`, {
    where: typeof content === 'string' ? content : undefined,
    hint: 'It changed while the bundle was written, or the store is damaged (`ingot store verify`). Nothing was written.',
  });

const spaceError = (error: unknown, where: string): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new IngotError('host.no-space', 'no room for the bundle', {
    where,
    hint: 'Free some space, or write it elsewhere. Nothing of it is left.',
    cause: error,
  });
};
