/** Lines of a port of the machine, for any number of listeners; a late one can have the last lines again. */
import { stripVTControlCharacters } from 'node:util';
import { lineSplitter } from '../host/lines.ts';

export interface LineFeed {
  /** Calls `listener` for each line to come, with `replay` first for those kept; returns how to stop. */
  subscribe(listener: (line: string) => void, options?: { readonly replay?: boolean }): () => void;
  /** The last `count` lines. */
  last(count: number): readonly string[];
}

export interface LineSink extends LineFeed {
  push(text: string): void;
  end(): void;
}

const KEPT = 2000;
/** A screen that is drawn by moving the cursor is one line without end. */
const LONG_LINES = { longest: 16_384, goesOn: true };
/** What Node's own list of escape sequences lacks: private modes (`ESC [ = 3 h`, UEFI firmware) and character sets. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const PRIVATE_SEQUENCES = /\u001b(\[[<-?][0-9;]*[A-Za-z]|[()][A-Z0-9])/g;
/** Control characters that are left once escape sequences are gone, and would spoil a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export const createFeed = (): LineSink => {
  const listeners = new Set<(line: string) => void>();
  const kept: string[] = [];
  const splitter = lineSplitter((raw) => {
    const line = stripVTControlCharacters(raw.replaceAll(PRIVATE_SEQUENCES, '')).replaceAll(CONTROLS, '').trimEnd();
    if (line === '') return;
    kept.push(line);
    if (kept.length > KEPT) kept.splice(0, kept.length - KEPT);
    for (const listener of [...listeners]) listener(line);
  }, LONG_LINES);
  return {
    push: splitter.push,
    end: splitter.end,
    last: (count) => kept.slice(-count),
    subscribe(listener, options = {}) {
      if (options.replay) for (const line of [...kept]) listener(line);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
