/** Draws the terminal emulator's screen as a PNG, so that a failed build can be shown to anyone. */
import type { IBuffer, IBufferCell } from '@xterm/headless';
import { encodePng } from '../formats/png.ts';
import { COLUMNS, ROWS } from './console.ts';
import { type Font, GLYPH_WIDTH, loadFont } from './console-font.ts';

const FOREGROUND = 7;
const BACKGROUND = 0;

/** The colours of xterm: 16 of the system, a cube of 216, 24 greys. */
const PALETTE: readonly (readonly [number, number, number])[] = Array.from({ length: 256 }, (_, index) => {
  if (index < 16) return system(index);
  if (index >= 232) return grey(8 + (index - 232) * 10);
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)] as const;
});

function system(index: number): readonly [number, number, number] {
  if (index === 8) return grey(85);
  const [low, high] = index < 8 ? [0, 170] : [85, 255];
  return [index & 1 ? high : low, index & 2 ? high : low, index & 4 ? high : low];
}

function grey(value: number): readonly [number, number, number] {
  return [value, value, value];
}

function level(step: number): number {
  return step === 0 ? 0 : 55 + step * 40;
}

export const drawConsole = async (buffer: IBuffer): Promise<Buffer> => {
  const font = await loadFont();
  const width = COLUMNS * GLYPH_WIDTH;
  const height = ROWS * font.height;
  const pixels = new Uint8Array(width * height).fill(BACKGROUND);
  for (let row = 0; row < ROWS; row++) {
    const line = buffer.getLine(buffer.baseY + row);
    for (let column = 0; column < COLUMNS; column++) {
      const cell = line?.getCell(column);
      if (!cell) continue;
      const isCursor = row === buffer.cursorY && column === buffer.cursorX;
      drawCell(pixels, width, font, cell, { row, column, isCursor });
    }
  }
  return encodePng({ width, height, palette: PALETTE, pixels });
};

interface Place {
  readonly row: number;
  readonly column: number;
  readonly isCursor: boolean;
}

const drawCell = (pixels: Uint8Array, width: number, font: Font, cell: IBufferCell, place: Place): void => {
  const front = cell.isFgPalette() ? cell.getFgColor() : FOREGROUND;
  const back = cell.isBgPalette() ? cell.getBgColor() : BACKGROUND;
  const bright = cell.isBold() && front < 8 ? front + 8 : front;
  const isSwapped = (cell.isInverse() !== 0) !== place.isCursor;
  const [ink, paper] = isSwapped ? [back, bright] : [bright, back];
  const character = cell.getChars() || ' ';
  const glyph = font.glyph(character) ?? font.glyph('?');
  for (let y = 0; y < font.height; y++) {
    const bits = glyph?.[y] ?? 0;
    const start = (place.row * font.height + y) * width + place.column * GLYPH_WIDTH;
    for (let x = 0; x < GLYPH_WIDTH; x++) pixels[start + x] = bits & (0x80 >> x) ? ink : paper;
  }
};
