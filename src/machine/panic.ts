/**
 * A guest whose kernel panicked. The panic device tells of it once the guest has loaded its driver; the kernel's own
 * line on the serial console comes always (Linux, kernel/panic.c).
 */
import { IngotError } from '../errors.ts';
import type { LineFeed } from './feed.ts';

const PANIC = /Kernel panic - not syncing.*/;

/** How long to wait for the trace that follows; milliseconds. */
const TRACE_TIME = 500;

const SHOWN_LINES = 15;

/** Calls `onPanic` once the console has told of one and of where it was. */
export const onPanicLine = (console: LineFeed, onPanic: () => void): void => {
  const release = console.subscribe((line) => {
    if (!PANIC.test(line)) return;
    release();
    setTimeout(onPanic, TRACE_TIME).unref();
  });
};

/** `machine.guest-panic`, with the kernel's words as far as the console has them. */
export const guestPanic = (name: string, console: LineFeed): IngotError => {
  const line = PANIC.exec(console.last(200).join('\n'))?.[0];
  return new IngotError('machine.guest-panic', line ?? 'the guest’s kernel panicked', {
    where: name,
    detail: console.last(SHOWN_LINES).join('\n'),
    hint: 'Give the machine more memory (machine.memory), or look at serial.log of this run.',
  });
};
