/**
 * The strip of pictures of a machine run: the console as each phase began, and the last screens before it ended. They
 * are files as soon as they are taken, so that a build that was killed has them too.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IBuffer } from '@xterm/headless';
import { messageOf } from '../errors.ts';
import { writeFileWhole } from '../host/files.ts';
import type { Reporter } from '../report.ts';
import { COLUMNS, type Console, ROWS } from './console.ts';
import { drawConsole } from './console-picture.ts';
import { PICTURES } from './machine-evidence.ts';
import { redactedRows } from './redacted-rows.ts';

export interface StripOptions {
  /** The machine's folder; the pictures of an earlier machine in it are removed. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly redact: (text: string) => string;
  /** Between two looks at the screen, milliseconds. */
  readonly interval?: number;
}

export interface PictureStrip extends AsyncDisposable {
  /** As the reporter that was given; each phase leaves its picture. */
  readonly reporter: Reporter;
}

/** How many screens are kept besides those of the phases. */
export const KEPT_SCREENS = 12;
const INTERVAL = 5000;

/** A screen that has not changed gives no second picture, one with a secret on it none at all. */
export const keepPictures = async (console: Console, options: StripOptions): Promise<PictureStrip> => {
  const { reporter, redact } = options;
  const folder = join(options.folder, PICTURES);
  await rm(folder, { recursive: true, force: true });
  const began = Date.now();
  const ring: string[] = [];
  let count = 0;
  let last = '';
  let hasFailed = false;
  const take = async (time: number, phase?: string): Promise<void> => {
    const buffer = await console.buffer();
    if (phase === undefined && rowsOf(buffer, redact).join('\n') === last) return;
    const png = await drawConsole(buffer);
    // After the drawing, which reads the screen at once: what is looked at here is what was drawn.
    const rows = rowsOf(buffer, redact);
    last = rows.join('\n');
    if (last !== rowsOf(buffer, (text) => text).join('\n')) return;
    await mkdir(folder, { recursive: true });
    const name = pictureName(++count, time, phase && redact(phase));
    await writeFileWhole(join(folder, name), png);
    if (phase !== undefined) return;
    ring.push(name);
    while (ring.length > KEPT_SCREENS) await rm(join(folder, ring.shift() ?? ''), { force: true });
  };
  let taking = Promise.resolve();
  const enqueue = (phase?: string): void => {
    const time = Date.now() - began;
    taking = taking
      .then(() => take(time, phase))
      .catch((error: unknown) => {
        if (!hasFailed) reporter.line(`no picture of the console: ${messageOf(error)}`);
        hasFailed = true;
      });
  };
  const timer = setInterval(() => enqueue(), options.interval ?? INTERVAL);
  return {
    reporter: {
      ...reporter,
      phase(name) {
        reporter.phase(name);
        enqueue(name);
      },
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      enqueue();
      await taking;
    },
  };
};

const rowsOf = (buffer: IBuffer, redact: (text: string) => string): string[] =>
  redactedRows(buffer, { columns: COLUMNS, rows: ROWS }, redact);

/** `0007-42s-partitions.png`, `0008-47s.png`: their order, the second of the run, the phase that began. */
const pictureName = (nth: number, time: number, phase: string | undefined): string => {
  const slug = phase
    ?.toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  return `${String(nth).padStart(4, '0')}-${Math.floor(time / 1000)}s${slug ? `-${slug}` : ''}.png`;
};
