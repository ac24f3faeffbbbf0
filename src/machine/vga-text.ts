/**
 * What stands on the VGA screen while it is in text mode: boot loaders and firmware that were not told of a serial port
 * write there alone. Read from the adapter's memory, pairs of a character (code page 437) and its attribute from B8000h
 * on (IBM VGA; QEMU docs, monitor command `xp`).
 */
import type { Qmp } from './qmp.ts';

const COLUMNS = 80;
const ROWS = 25;
/** Of 2000 cells: a memory of a graphics mode, or none, reads as something else. */
const MOST_UNPRINTABLE = 400;
/** Milliseconds: a QEMU that answers at all answers at once. */
const LIMIT = 5000;

/** Lines without trailing blanks; empty when the screen is in no text mode, or blank. */
export const vgaText = async (qmp: Pick<Qmp, 'monitor'>): Promise<string> => {
  const dump = await qmp.monitor(`xp /${COLUMNS * ROWS}xh 0xb8000`, { timeout: LIMIT }).catch(() => '');
  return textOfDump(dump);
};

/** `00000000000b8000: 0x0747 0x0752 …`, the character in the low byte. */
export const textOfDump = (dump: string): string => {
  const cells = [...dump.matchAll(/0x([0-9a-f]{4})\b/g)].map(([, cell = '0']) => Number.parseInt(cell, 16) & 0xff);
  if (cells.length !== COLUMNS * ROWS) return '';
  const isPrintable = (code: number) => code === 0 || (code >= 0x20 && code < 0x7f) || (code >= 0xb0 && code < 0xe0);
  if (cells.filter((code) => !isPrintable(code)).length > MOST_UNPRINTABLE) return '';
  const character = (code: number) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ' ');
  return Array.from({ length: ROWS }, (_, row) =>
    cells
      .slice(row * COLUMNS, (row + 1) * COLUMNS)
      .map(character)
      .join('')
      .trimEnd(),
  )
    .join('\n')
    .trimEnd();
};
