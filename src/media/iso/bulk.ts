/**
 * The bulk of a medium: long runs of files that a remaster leaves where and as they are. The rest is its frame: the
 * system area, descriptors, directories, boot images, small files between them.
 */
import { BLOCK_SIZE } from './iso9660.ts';
import type { Medium } from './medium.ts';
import type { Extent } from './xorriso-report.ts';

/** In bytes, whole blocks. */
export interface BulkSpan {
  readonly at: number;
  readonly length: number;
}

/** Shorter runs are not worth a hole in the frame. */
const SHORTEST = 2 ** 20;

/** In their order, not touching each other. */
export const bulkOf = ({ boot, files }: Medium): BulkSpan[] => {
  const parts = [...boot.elTorito, ...boot.mbr, ...boot.gpt, ...boot.apm];
  const images = new Set(parts.flatMap(({ path }) => files.get(path ?? '')?.map(({ lba }) => lba) ?? []));
  const extents = [...files.values()].filter((all) => !all.some(({ lba }) => images.has(lba))).flat();
  const runs: { at: number; length: number }[] = [];
  for (const { lba, size } of extents.toSorted((a, b) => a.lba - b.lba)) {
    const [at, end] = [lba * BLOCK_SIZE, (lba + Math.ceil(size / BLOCK_SIZE)) * BLOCK_SIZE];
    const last = runs.at(-1);
    if (last === undefined || at > last.at + last.length) runs.push({ at, length: end - at });
    else last.length = Math.max(last.length, end - last.at);
  }
  return runs.filter(({ length }) => length >= SHORTEST);
};

/** What lies between the spans, of `size` bytes. */
export const between = (spans: readonly BulkSpan[], size: number): BulkSpan[] => {
  let at = 0;
  return [...spans, { at: size, length: 0 }].flatMap((span) => {
    const gap = { at, length: span.at - at };
    at = span.at + span.length;
    return gap.length > 0 ? [gap] : [];
  });
};

/** Whether all bytes of the extent lie within one of the spans. */
export const liesWithin = (spans: readonly BulkSpan[], { lba, size }: Extent): boolean => {
  const at = lba * BLOCK_SIZE;
  return spans.some((span) => at >= span.at && at + size <= span.at + span.length);
};
