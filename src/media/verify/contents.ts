/** The files of a remastered medium against the original's, and against its own list of sums. */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { parseSums } from '../checks/md5sums.ts';
import { SUMS } from '../checks/medium-sums.ts';
import { firstDifference, type Range } from '../compare/difference.ts';
import { type BulkSpan, liesWithin } from '../iso/bulk.ts';
import { digestExtents } from '../iso/iso-digest.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import { type Medium, mediumSizeOf, readMediumText } from '../iso/medium.ts';
import type { BootReport, Extent } from '../iso/xorriso-report.ts';
import { verifyError } from './verify-error.ts';

export interface Verified {
  /** Files that are the original's, byte for byte. */
  readonly unchanged: number;
  /** Boot images whose line in `md5sum.txt` was wrong in the original already. */
  readonly staleSums: readonly string[];
}

export interface VerifyOptions {
  /** Parts that are known to be the original's bytes at the same place: they are not read. */
  readonly copied?: readonly BulkSpan[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Files that should be unchanged are compared byte by byte, which takes a third of the time of a sum; a changed file has a
 * renewed line. For a boot image both are done: mastering writes into it, and some lists of sums ignore that.
 * Throws `media.verify-files`, `media.verify-sums`.
 */
export const compareContents = async (
  original: Medium,
  result: Medium,
  changed: ReadonlySet<string>,
  { copied = [], signal }: VerifyOptions,
): Promise<Verified> => {
  const sums = await sumsOf(result);
  await using from = await openMedium(original.iso);
  await using to = await openMedium(result.iso);
  const sumHolds = async (path: string, extents: readonly Extent[]): Promise<boolean> => {
    const sum = sums.get(path);
    return sum === undefined || (await digestExtents(to, extents, 'md5', signal)) === sum;
  };
  const staleSums: string[] = [];
  const files = [...result.files].sort(([, [a]], [, [b]]) => (a?.lba ?? 0) - (b?.lba ?? 0));
  for (const [path, extents] of files) {
    throwIfInterrupted(signal);
    if (changed.has(path)) {
      if (await sumHolds(path, extents)) continue;
      throw verifyError('sums', result, 'has a wrong sum', [`md5sum.txt: ${path}`]);
    }
    const before = original.files.get(path) ?? [];
    const ignored = patchedBytes(original.boot, path);
    if (ignored.length === 0 && isCopied(copied, before, extents)) continue;
    const isSame = await sameBytes([from, before], [to, extents], ignored, signal);
    if (!isSame) throw verifyError('files', result, 'has changed files that should be as they were', [path]);
    if (ignored.length > 0 && !(await sumHolds(path, extents))) staleSums.push(path);
  }
  return { unchanged: files.filter(([path]) => !changed.has(path)).length, staleSums };
};

const sumsOf = async (medium: Medium): Promise<Map<string, string>> =>
  medium.files.has(SUMS) ? parseSums(await readMediumText(medium, SUMS)) : new Map();

/** The bytes of a boot image into which mastering writes its address: from, to. GRUB's image has both. */
const patchedBytes = (boot: BootReport, path: string): readonly Range[] => {
  const options = boot.elTorito.find((image) => image.path === path)?.options ?? [];
  return [
    ...(options.includes('boot-info-table') ? [[8, 64] as const] : []),
    ...(options.includes('grub2-boot-info') ? [[2548, 2556] as const] : []),
  ];
};

const isCopied = (copied: readonly BulkSpan[], before: readonly Extent[], after: readonly Extent[]): boolean =>
  before.length === after.length &&
  before.every((extent, index) => {
    const other = after[index];
    return extent.lba === other?.lba && extent.size === other.size && liesWithin(copied, extent);
  });

type Place = readonly [FileHandle, readonly Extent[]];

const sameBytes = async (
  [from, before]: Place,
  [to, after]: Place,
  ignored: readonly Range[],
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  if (mediumSizeOf(before) !== mediumSizeOf(after) || before.length !== after.length) return false;
  for (const [index, { lba, size }] of before.entries()) {
    const a = { file: from, at: lba * BLOCK_SIZE, length: size };
    const b = { file: to, at: (after[index]?.lba ?? 0) * BLOCK_SIZE, length: after[index]?.size ?? 0 };
    if ((await firstDifference(a, b, signal, index === 0 ? ignored : [])) !== undefined) return false;
  }
  return true;
};
