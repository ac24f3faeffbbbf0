/** What is kept of a command's output: its beginning, whatever it goes on to say. */

/** Characters of either stream. */
const MOST_KEPT = 16 * 2 ** 20;

/** The first `MOST_KEPT` characters of what is added. */
export const beginning = () => {
  const parts: string[] = [];
  let [length, kept] = [0, 0];
  return {
    add(text: string): void {
      length += text.length;
      if (kept >= MOST_KEPT) return;
      const part = text.slice(0, MOST_KEPT - kept);
      kept += part.length;
      parts.push(part);
    },
    text: (): string => parts.join(''),
    isCut: (): boolean => length > kept,
  };
};
