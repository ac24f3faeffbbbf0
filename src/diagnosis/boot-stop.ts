/** A boot that has come to its end without the system: told while SSH is waited for, instead of a time-out later. */
import type { IngotError } from '../errors.ts';
import { BOOT } from './catalogue/catalogue.ts';
import { diagnose } from './cause.ts';
import { evidenceOf, stopped, type Watched } from './diagnosed.ts';

/** What follows the decisive line is worth a moment; milliseconds. */
const MORE_TIME = 1500;
const SHOWN_LINES = 15;

const FINAL = BOOT.filter(({ isFinal }) => isFinal);
const FINAL_LINES = FINAL.flatMap(({ lines = [] }) => lines);

interface Guest extends Watched {
  readonly console: Watched['console'] & { subscribe(listener: (line: string) => void): () => void };
}

/** Calls `onStop` once, with the error that names the cause. Disposing ends the watching. */
export const watchBoot = (machine: Guest, where: string, onStop: (error: IngotError) => void): Disposable => {
  let timer: NodeJS.Timeout | undefined;
  const release = machine.console.subscribe((line) => {
    if (timer || !FINAL_LINES.some((pattern) => pattern.test(line))) return;
    timer = setTimeout(() => {
      const diagnosis = diagnose(BOOT, evidenceOf(machine, { screen: '' }));
      if (diagnosis) onStop(stopped(diagnosis, where, machine.console.last(SHOWN_LINES).join('\n')));
    }, MORE_TIME);
  });
  return {
    [Symbol.dispose]() {
      release();
      clearTimeout(timer);
    },
  };
};
