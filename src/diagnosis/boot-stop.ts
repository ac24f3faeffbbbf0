/** A boot that has ended without reaching the system: reported while SSH is waited for, instead of after a time-out. */
import type { IngotError } from '../errors.ts';
import type { Qmp } from '../machine/qmp.ts';
import { vgaText } from '../machine/vga-text.ts';
import { BOOT } from './catalogue/catalogue.ts';
import { diagnose, foldedScreen } from './cause.ts';
import { evidenceOf, stopped, type Watched } from './diagnosed.ts';

/** How long to wait for what follows the decisive line; milliseconds. */
const MORE_TIME = 1500;
/** Between two looks at the screen: a prompt ends no line. */
const LOOK_INTERVAL = 3000;
const SHOWN_LINES = 15;

const FINAL = BOOT.filter(({ isFinal }) => isFinal);
const FINAL_LINES = FINAL.flatMap(({ lines = [] }) => lines);
const FINAL_SCREENS = FINAL.flatMap(({ screens = [] }) => screens);

interface Guest extends Watched {
  readonly console: Watched['console'] & {
    subscribe(listener: (line: string) => void): () => void;
    screen(): Promise<{ readonly lines: readonly string[] }>;
  };
  readonly qmp: Pick<Qmp, 'monitor'>;
}

/** Calls `onStop` once, with the error that names the cause. Disposing ends the watching. */
export const watchBoot = (machine: Guest, where: string, onStop: (error: IngotError) => void): Disposable => {
  let timer: NodeJS.Timeout | undefined;
  let seen = '';
  const stop = (screen: string): void => {
    const diagnosis = diagnose(BOOT, evidenceOf(machine, { screen }));
    if (diagnosis) onStop(stopped(diagnosis, where, machine.console.last(SHOWN_LINES).join('\n')));
  };
  const release = machine.console.subscribe((line) => {
    if (timer || !FINAL_LINES.some((pattern) => pattern.test(line))) return;
    timer = setTimeout(() => stop(''), MORE_TIME);
  });
  const looking = setInterval(async () => {
    const screens = [(await machine.console.screen()).lines.join('\n'), await vgaText(machine.qmp)].map(foldedScreen);
    const final = screens.find((screen) => FINAL_SCREENS.some((pattern) => pattern.test(screen)));
    // The screen may still be changing.
    if (!timer && final !== undefined && screens.join('\n') === seen) timer = setTimeout(() => stop(final), 0);
    seen = screens.join('\n');
  }, LOOK_INTERVAL);
  return {
    [Symbol.dispose]() {
      release();
      clearTimeout(timer);
      clearInterval(looking);
    },
  };
};
