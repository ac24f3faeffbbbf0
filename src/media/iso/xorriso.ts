/** The one call that runs xorriso; `xorriso-args.ts` has its command lines. */
import { IngotError } from '../../errors.ts';
import { type RunResult, run } from '../../host/run.ts';
import { toolVersion } from '../../host/tools.ts';
import type { Reporter } from '../../report.ts';

/** Bytes. Directories are all that xorriso keeps in memory; media with a hundred thousand files take a few hundred MB. */
const MEMORY = 4 * 2 ** 30;

export interface XorrisoOptions {
  readonly signal?: AbortSignal | undefined;
  readonly reporter?: Reporter | undefined;
  /** Seconds since 1970 that xorriso takes for now. */
  readonly epoch?: number | undefined;
  /** Milliseconds; as long as the slowest disk takes when absent. */
  readonly timeout?: number;
}

/** To read directories takes seconds. */
export const READ_TIMEOUT = 5 * 60_000;
/** A medium of 10 GB on a stick that takes 1 MB/s. */
const WRITE_TIMEOUT = 3 * 3_600_000;

/** Runs xorriso; its progress lines become progress of the reporter. */
export const xorriso = (
  args: readonly string[],
  { signal, reporter, epoch, timeout = WRITE_TIMEOUT }: XorrisoOptions = {},
): Promise<RunResult> =>
  run('xorriso', args, {
    signal,
    timeout,
    memory: MEMORY,
    ...(epoch === undefined ? {} : { env: { SOURCE_DATE_EPOCH: String(epoch) } }),
    ...(reporter === undefined ? {} : { onLine: (line) => tell(line, reporter) }),
  });

/** Older ones report and replay boot structures less completely; Debian 12 and Ubuntu 22.04 have this one. */
const OLDEST = [1, 5, 4] as const;

/** Throws `host.tool-missing` or `host.tool-too-old`. */
export const requireXorriso = async (): Promise<void> => {
  const version = await toolVersion('xorriso');
  const parts = version.split('.').map(Number);
  const differing = OLDEST.findIndex((part, index) => (parts[index] ?? 0) !== part);
  if (differing < 0 || (parts[differing] ?? 0) > (OLDEST[differing] ?? 0)) return;
  throw new IngotError('host.tool-too-old', `xorriso ${version} is too old: ${OLDEST.join('.')} is needed`, {
    hint: 'Install a newer xorriso, and let PATH find it first.',
  });
};

/** `xorriso : UPDATE : Writing:     12288s   11.5%   fifo …` is progress; the rest is for the log. */
const tell = (line: string, reporter: Reporter): void => {
  const [, done, percent] = /^xorriso : UPDATE : Writing:\s*(\d+)s\s+([\d.]+)%/.exec(line) ?? [];
  if (done === undefined || percent === undefined) {
    reporter.line(line);
    return;
  }
  const total = Number(percent) > 0 ? (Number(done) * 100 * 2048) / Number(percent) : undefined;
  reporter.progress(Number(done) * 2048, total === undefined ? undefined : Math.round(total), 'bytes');
};

/** What xorriso itself calls the reason of a failure, from the end of what it printed. */
export const reasonsOf = (printed: string): string[] => [
  ...new Set(
    [...printed.matchAll(/^(?:xorriso|libisofs|libburn|libisoburn) : (?:FAILURE|FATAL|SORRY) : (.*)$/gm)].map(
      ([, why = '']) => why,
    ),
  ),
];
