/**
 * The serial console as a terminal emulator shows it, so that what a person would see (dialogs, menus, a prompt) can be
 * read as a screen and not only as a stream. Nothing is ever typed by itself: the emulator's answers to the guest's
 * questions are dropped, since a login prompt would read them as input.
 */
import xterm, { type IBuffer, type Terminal } from '@xterm/headless';
import { createFeed, type LineFeed } from './feed.ts';
import { redactedRows } from './redacted-rows.ts';

export const COLUMNS = 80;
export const ROWS = 25;

/** Characters that may wait for the emulator. A guest that sends faster loses parts of its screen, not of its log. */
const MOST_UNDRAWN = 4 * 2 ** 20;

export interface Screen {
  /** `ROWS` lines without trailing blanks. */
  readonly lines: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
}

export interface Console extends LineFeed {
  /** The screen as it is once everything received so far is drawn, without secrets. */
  screen(): Promise<Screen>;
  /** Everything that scrolled by (the last 5000 lines) and the screen, as it came. */
  text(): Promise<string>;
  /** The emulator's cells, for the picture. */
  buffer(): Promise<IBuffer>;
  /** Calls `listener` with everything the guest sends, as it comes; returns how to stop. */
  onText(listener: (text: string) => void): () => void;
  /** Sends text to the guest. */
  type(text: string | Uint8Array): void;
}

export interface ConsoleSink extends Console {
  push(chunk: string): void;
  end(): void;
}

export const createConsole = (
  send: (text: string | Uint8Array) => void,
  redact: (text: string) => string = (text) => text,
): ConsoleSink => {
  const terminal: Terminal = new xterm.Terminal({
    logLevel: 'off',
    cols: COLUMNS,
    rows: ROWS,
    scrollback: 5000,
    allowProposedApi: true,
  });
  const feed = createFeed();
  const listeners = new Set<(text: string) => void>();
  let undrawn = 0;
  /** The emulator draws later than it is written to; an empty write calls back when all before it is drawn. */
  const drawn = (): Promise<IBuffer> =>
    new Promise((resolve) => terminal.write('', () => resolve(terminal.buffer.active)));
  return {
    subscribe: feed.subscribe,
    last: feed.last,
    end: feed.end,
    push(chunk) {
      if (undrawn < MOST_UNDRAWN) {
        undrawn += chunk.length;
        terminal.write(chunk, () => {
          undrawn -= chunk.length;
        });
      }
      feed.push(chunk);
      for (const listener of [...listeners]) listener(chunk);
    },
    onText(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async screen() {
      const buffer = await drawn();
      return {
        lines: redactedRows(buffer, { columns: COLUMNS, rows: ROWS }, redact),
        cursor: { row: buffer.cursorY, column: buffer.cursorX },
      };
    },
    async text() {
      const buffer = await drawn();
      const rows = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row));
      // A line that was too long for the screen is one line again.
      const text = rows.map((row) => (row?.isWrapped ? '' : '\n') + (row?.translateToString(true) ?? '')).join('');
      return `${text.trim()}\n`;
    },
    buffer: drawn,
    type: send,
  };
};
