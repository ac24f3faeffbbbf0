/** The rows of a terminal's screen without secrets, also where one goes over the edge of the screen. */
import type { IBuffer } from '@xterm/headless';

/**
 * A line that the emulator has wrapped is redacted as one line, with what of it has scrolled away, and wrapped again at the
 * same column.
 */
export const redactedRows = (
  buffer: IBuffer,
  size: { readonly columns: number; readonly rows: number },
  redact: (text: string) => string,
): string[] => {
  let first = buffer.baseY;
  while (first > 0 && buffer.getLine(first)?.isWrapped) first--;
  const lines: string[][] = [];
  for (let row = first; row < buffer.baseY + size.rows; row++) {
    const found = buffer.getLine(row);
    const text = found?.translateToString(true) ?? '';
    const line = found?.isWrapped ? lines.at(-1) : undefined;
    if (line) line.push(text);
    else lines.push([text]);
  }
  return lines.flatMap((rows) => redactedLine(rows, size.columns, redact)).slice(-size.rows);
};

const redactedLine = (
  rows: readonly string[],
  columns: number,
  redact: (text: string) => string,
): readonly string[] => {
  const whole = rows.map((row, nth) => (nth < rows.length - 1 ? row.padEnd(columns) : row)).join('');
  const text = redact(whole);
  if (text === whole) return rows;
  // As many rows as before: nothing else on the screen moves.
  return rows.map((_, nth) => text.slice(nth * columns, (nth + 1) * columns));
};
