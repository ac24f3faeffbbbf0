/**
 * Copies whose blocks are the original's, and which of them still are. What lies in the same blocks of the disk is the
 * same, without being read.
 */
import { IngotError } from '../../errors.ts';
import { run } from '../../host/run.ts';
import type { BulkSpan } from './bulk.ts';

/** Makes `output` a copy that takes no room, where the file system can do that; returns whether it could. */
export const shareBlocks = async (iso: string, output: string, signal?: AbortSignal): Promise<boolean> => {
  // Its mode is the new file's own: an original is often read-only.
  const args = ['--reflink=always', '--no-preserve=mode', '--', iso, output];
  return (await run('cp', args, { signal, allow: [0, 1] })).exitCode === 0;
};

/** The parts of the two files that lie in the same blocks; nothing where that cannot be found out. */
export const sharedSpans = async (iso: string, output: string, signal?: AbortSignal): Promise<BulkSpan[]> => {
  try {
    // With -s what was written is on the disk; the kernel shows old blocks for it otherwise.
    const { stdout } = await run('filefrag', ['-s', '-v', '--', iso, output], { signal });
    const [one = [], other = []] = parseBlocks(stdout);
    return sameBlocks(one, other);
  } catch (error) {
    if (error instanceof IngotError && error.code !== 'interrupted') return [];
    throw error;
  }
};

/** A run of blocks of a file, all in bytes. */
interface Blocks extends BulkSpan {
  /** Where it lies on the disk. */
  readonly from: number;
}

/** What `filefrag -v` prints, by file: all blocks that are what they seem, not packed, not waiting to be written. */
export const parseBlocks = (text: string): Blocks[][] =>
  text
    .split(/^File size of /m)
    .slice(1)
    .map((part) => {
      const size = Number(/blocks? of (\d+) bytes\)/.exec(part)?.[1]);
      const rows = part.matchAll(/^ *\d+: +(\d+)\.\. *\d+: +(\d+)\.\. *\d+: +(\d+):(?: +\d+:)? *([a-z_,]*)$/gm);
      return [...rows].flatMap(([, logical, physical, length, flags = '']) =>
        flags.split(',').every((flag) => PLAIN.has(flag))
          ? [{ at: Number(logical) * size, from: Number(physical) * size, length: Number(length) * size }]
          : [],
      );
    });

const PLAIN: ReadonlySet<string> = new Set(['', 'last', 'shared', 'eof', 'merged']);

/** Both in the order of the files. */
const sameBlocks = (one: readonly Blocks[], other: readonly Blocks[]): BulkSpan[] => {
  const spans: { at: number; length: number }[] = [];
  for (let a = 0, b = 0; ; ) {
    const [x, y] = [one[a], other[b]];
    if (x === undefined || y === undefined) return spans;
    const at = Math.max(x.at, y.at);
    const length = Math.min(x.at + x.length, y.at + y.length) - at;
    const last = spans.at(-1);
    const isSame = length > 0 && x.from - x.at === y.from - y.at;
    if (isSame && last !== undefined && last.at + last.length === at) last.length += length;
    else if (isSame) spans.push({ at, length });
    if (x.at + x.length < y.at + y.length) a++;
    else b++;
  }
};
