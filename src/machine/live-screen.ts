/** The console's screen while a machine runs, for whoever watches. */
import type { Console } from './console.ts';

/** Milliseconds. */
const INTERVAL = 1000;

/** Once a second what has changed on the screen, until the machine has ended. */
export const showScreens = async (
  console: Console,
  show: (text: string) => void,
  ended: Promise<unknown>,
): Promise<void> => {
  let [hasEnded, shown] = [false, ''];
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const text = (await console.screen()).lines.join('\n');
    if (text !== shown) show(text);
    shown = text;
    await delay(INTERVAL);
  }
};

/** A timer that keeps no process alive. */
const delay = (milliseconds: number): Promise<void> =>
  new Promise((done) => void setTimeout(done, milliseconds).unref());
