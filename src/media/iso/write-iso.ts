/** xorriso as the writer of an ISO: a full disk has a name, the place, and how much is missing. */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IngotError } from '../../errors.ts';
import { inMiB } from '../../host/files.ts';
import { BLOCK_SIZE } from './iso9660.ts';
import { reasonsOf, type XorrisoOptions, xorriso } from './xorriso.ts';

interface WriteOptions extends XorrisoOptions {
  /** The file that xorriso writes. */
  readonly output: string;
  /** About as large as it will be, in bytes, where that is known. */
  readonly size?: number;
}

/** Throws `host.no-space`, `media.not-written`, and what `xorriso` throws when it cannot start. */
export const writeIso = async (args: readonly string[], options: WriteOptions): Promise<void> => {
  const said: string[] = [];
  const reporter = options.reporter && {
    ...options.reporter,
    line: (text: string) => {
      if (FULL.test(text)) said.push(text);
      options.reporter?.line(text);
    },
  };
  try {
    await namingFullDisk(options, said, () => xorriso(args, { ...options, reporter }));
  } catch (cause) {
    if (!(cause instanceof IngotError) || !/^host\.command-(failed|timeout)$/.test(cause.code)) throw cause;
    const reasons = reasonsOf(cause.detail ?? '');
    throw new IngotError('media.not-written', `the medium could not be written: ${reasons[0] ?? cause.message}`, {
      where: options.output,
      detail: cause.detail,
      hint: 'If it is made from another medium, `ingot media verify` tells whether that one is sound.',
      cause,
    });
  }
};

/** Throws `host.no-space` where the writer's error, or what it `said` before, shows a full disk. */
export const namingFullDisk = async (
  options: Pick<WriteOptions, 'output' | 'size' | 'signal'>,
  said: readonly string[],
  write: () => Promise<unknown>,
): Promise<void> => {
  try {
    await write();
  } catch (cause) {
    const line = fullLine(cause, said);
    if (line === undefined) throw cause;
    const folder = dirname(options.output);
    const missing = missingBy(line) ?? (await missingOf(options));
    const much = missing === undefined || missing <= 0 ? '' : `: ${inMiB(missing)} are missing`;
    throw new IngotError('host.no-space', `no room for the medium${much}`, {
      where: folder,
      detail: line,
      hint: 'Free some space, or write to another file system; the unfinished file was removed.',
      cause,
    });
  }
};

/** The line that reports a full disk; none where it failed for another reason. */
const fullLine = (cause: unknown, said: readonly string[]): string | undefined => {
  if (!(cause instanceof IngotError))
    return cause instanceof Error && FULL.test(cause.message) ? cause.message : undefined;
  if (cause.code !== 'host.command-failed') return undefined;
  return [...said, ...(cause.detail ?? '').split('\n')].find((text) => FULL.test(text));
};

/** libburn and libisofs give the system's words for ENOSPC and EDQUOT, Node their names; xorriso itself compares before it writes. */
const FULL = /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT|exceeds free space on media/i;

/** `Image size 3255s exceeds free space on media 1536s`, in blocks. */
const missingBy = (line: string): number | undefined => {
  const [, size, free] = /Image size (\d+)s exceeds free space on media (\d+)s/.exec(line) ?? [];
  return size === undefined || free === undefined ? undefined : (Number(size) - Number(free)) * BLOCK_SIZE;
};

const missingOf = async ({ output, size }: Pick<WriteOptions, 'output' | 'size'>): Promise<number | undefined> => {
  if (size === undefined) return undefined;
  // For the message alone. It can have holes.
  const written = ((await stat(output).catch(() => undefined))?.blocks ?? 0) * 512;
  const { bavail, bsize } = await statfs(dirname(output));
  return size - written - bavail * bsize;
};
