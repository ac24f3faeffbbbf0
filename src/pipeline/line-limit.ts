/**
 * How much a stage's lines may take in the events, so that a guest that prints without end does not fill the disk. Beyond
 * the limit one line a second is passed on, and the last ones are told at the end.
 */

/** Characters of a stage. */
const MOST = 16 * 2 ** 20;
/** Milliseconds. */
const INTERVAL = 1000;
const LAST = 200;

export interface LineLimit {
  line(text: string): void;
  /** Tells the last lines that were held back, and how many are lost. */
  end(): void;
}

export const limitLines = (
  tell: { line(text: string): void; note(text: string): void },
  { most = MOST, now = () => performance.now() } = {},
): LineLimit => {
  let [told, leftOut, last] = [0, 0, 0];
  const heldBack: string[] = [];
  const holdBack = (text: string): void => {
    heldBack.push(text);
    if (heldBack.length > LAST) leftOut += heldBack.splice(0, heldBack.length - LAST).length;
  };
  return {
    line(text) {
      if (told <= most) {
        told += text.length;
        if (told > most)
          tell.note('there is more output than is kept: from here on one line a second, and the last lines');
        return tell.line(text);
      }
      if (now() - last < INTERVAL) return holdBack(text);
      leftOut += heldBack.splice(0).length;
      last = now();
      tell.line(text);
    },
    end() {
      for (const text of heldBack.splice(0)) tell.line(text);
      if (leftOut > 0) tell.note(`${leftOut} lines were left out`);
    },
  };
};
