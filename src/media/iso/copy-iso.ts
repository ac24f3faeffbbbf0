/**
 * A medium as a copy that grows: of shared blocks where the file system has them, otherwise of its frame alone, with
 * holes for the bulk. What is new is put after it.
 */
import { open } from 'node:fs/promises';
import { type BulkSpan, between, bulkOf } from './bulk.ts';
import { type Growth, stateSize } from './growth.ts';
import { openMedium } from './iso9660.ts';
import type { Medium } from './medium.ts';
import { copySpan } from './pass-through.ts';
import { shareBlocks } from './shared-blocks.ts';
import { namingFullDisk } from './write-iso.ts';

export interface Begun {
  /** All of it is there; its blocks are the original's until something is written over them. */
  readonly isShared: boolean;
  /** The parts that are holes; `passThrough` fills them. */
  readonly bulk: readonly BulkSpan[];
}

/** Makes `output`, after which xorriso can go on. Throws `host.no-space`. */
export const beginCopy = async (
  medium: Medium,
  { end }: Growth,
  output: string,
  signal?: AbortSignal,
): Promise<Begun> => {
  const isShared = await shareBlocks(medium.iso, output, signal);
  const bulk = isShared ? [] : bulkOf(medium);
  if (!isShared) await copyFrame(medium, bulk, output, signal);
  await stateSize(output, end);
  return { isShared, bulk };
};

const copyFrame = async ({ iso, volume }: Medium, bulk: readonly BulkSpan[], output: string, signal?: AbortSignal) => {
  const { fileSize: size } = volume;
  await namingFullDisk({ output, size, signal }, [], async () => {
    await using from = await openMedium(iso);
    await using to = await open(output, 'w');
    await to.truncate(size);
    for (const span of between(bulk, size)) await copySpan(from, to, span, { iso, signal });
  });
};

/** The partition as a file of its own. */
export const extractAppended = async (iso: string, { at, length }: BulkSpan, output: string): Promise<void> => {
  await using from = await openMedium(iso);
  await using to = await open(output, 'w');
  await copySpan(from, to, { at, length }, { iso, place: 0, signal: undefined });
};
