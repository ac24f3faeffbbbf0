/**
 * qemu-img(1) on an image that somebody else made: with the format given, and with address space, time and the size of what it writes
 * bounded, as QEMU's own documentation asks for images that are not trusted (docs/system/security).
 */
import { stat } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import type { DiskFormatName } from '../formats/disk-images/disk-image.ts';
import { run } from '../host/run.ts';
import type { Reporter } from '../report.ts';

/** Of address space: its threads and their stacks count, used or not. */
const MEMORY = 4 * 2 ** 30;
/** Milliseconds, and more for each byte to read. */
const [SHORTEST, BYTES_A_MILLISECOND] = [10 * 60_000, 2000];
const COROUTINES = '8';

/** Formats that `qemu-img check` knows; the blocks of the others were looked at with their headers. */
const CHECKED: readonly DiskFormatName[] = ['qcow2', 'vmdk', 'vhdx', 'vdi'];
/** Unused clusters do no harm to what is read. */
const LEAKS = 3;

export const checkArguments = (path: string, format: DiskFormatName): string[] => ['check', '-q', '-f', format, path];

export const convertArguments = (path: string, format: DiskFormatName, to: string): string[] => [
  'convert',
  '-p',
  ...['-W', '-m', COROUTINES],
  ...['-f', format],
  ...['-O', 'qcow2'],
  path,
  to,
];

interface Limits {
  readonly signal?: AbortSignal | undefined;
}

const confined = async (path: string, signal: AbortSignal | undefined) => ({
  memory: MEMORY,
  // Else each thread reserves address space of its own.
  env: { MALLOC_ARENA_MAX: '1' },
  timeout: SHORTEST + Math.round((await stat(path)).size / BYTES_A_MILLISECOND),
  signal,
});

/** Throws `origin.image-truncated` for tables that contradict each other, or lead out of the file. */
export const checkWhole = async (path: string, format: DiskFormatName, { signal }: Limits): Promise<void> => {
  if (!CHECKED.includes(format)) return;
  const limits = await confined(path, signal);
  await run('qemu-img', checkArguments(path, format), { ...limits, allow: [LEAKS] }).catch((cause: unknown) => {
    throw unusable(cause, path, 'qemu-img check finds errors in it');
  });
};

/** Throws the same, or `origin.image-no-room`. */
export const convertImage = async (
  path: string,
  format: DiskFormatName,
  to: string,
  { reporter, signal, most }: Limits & { readonly reporter: Reporter; readonly most: number },
): Promise<void> => {
  const limits = { ...(await confined(path, signal)), fileSize: most };
  const onLine = (line: string): void => {
    const percent = /\((\d+(?:\.\d+)?)\/100%\)/.exec(line)?.[1];
    if (percent !== undefined) reporter.progress(Number(percent), 100, 'percent');
  };
  await run('qemu-img', convertArguments(path, format, to), { ...limits, onLine }).catch((cause: unknown) => {
    if (
      !(cause instanceof IngotError) ||
      !/SIGXFSZ|File too large|No space left/.test(`${cause.message} ${cause.detail}`)
    )
      throw unusable(cause, path, 'qemu-img cannot read it');
    throw new IngotError(
      'origin.image-no-room',
      `the disk of the image has more than ${Math.floor(most / 2 ** 20)} MiB`,
      {
        where: path,
        hint: 'That is the room that is free here. Free some, or put the store elsewhere with --store.',
        cause,
      },
    );
  });
};

const unusable = (cause: unknown, where: string, what: string): unknown => {
  if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') return cause;
  return new IngotError('origin.image-truncated', `the image is not whole: ${what}`, {
    where,
    detail: cause.detail,
    hint: 'Fetch it again, and compare it with the publisher’s sums.',
    cause,
  });
};
