/** The events of a build as a file of its run folder, each line there before the next event. */
import { appendFileSync, closeSync, openSync } from 'node:fs';

export const eventLog = (path: string): Disposable & { write(text: string): void } => {
  const file = openSync(path, 'a', 0o600);
  return { write: (text) => appendFileSync(file, text), [Symbol.dispose]: () => closeSync(file) };
};
