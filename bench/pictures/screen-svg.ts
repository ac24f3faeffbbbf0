/** A terminal's screen as an SVG: text in its colours, in a window. Any viewer has a monospaced font; no other is needed. */
import type { Terminal } from '@xterm/headless';

const CELL = { width: 8.4, height: 19, font: 14 };
const MARGIN = 18;
/** The eight colours and their bright ones, readable on the background. */
const PALETTE = [
  ...['#3b4252', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'],
  ...['#8a94a6', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#ffffff'],
];
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#20242c';

interface Run {
  readonly column: number;
  readonly color: string;
  text: string;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Blanks beside each other are one in an SVG, unless they are of the kind that stays. */
const spaced = (text: string): string => escaped(text).replaceAll(' ', '\u00a0');

/** Cells of one colour beside each other are one text. */
const runsOf = (terminal: Terminal, row: number): Run[] => {
  const runs: Run[] = [];
  const line = terminal.buffer.active.getLine(row);
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined) break;
    const shade = cell.isDim() ? PALETTE[8] : FOREGROUND;
    const color = (cell.isFgPalette() ? PALETTE[cell.getFgColor()] : shade) ?? FOREGROUND;
    const last = runs.at(-1);
    if (last?.color === color) last.text += cell.getChars() || ' ';
    else runs.push({ column, color, text: cell.getChars() || ' ' });
  }
  return runs.filter(({ text }) => text.trim() !== '');
};

/** `title` is read out to those who do not see the picture. */
export const screenSvg = (terminal: Terminal, rows: number, title: string): string => {
  const width = Math.ceil(terminal.cols * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  const texts = Array.from({ length: rows }, (_, row) =>
    runsOf(terminal, row).map(({ column, color, text }) => {
      const lead = text.length - text.trimStart().length;
      const x = (MARGIN + (column + lead) * CELL.width).toFixed(1);
      const y = MARGIN + (row + 0.75) * CELL.height;
      const shown = text.trim();
      const length = (shown.length * CELL.width).toFixed(1);
      return `<text x="${x}" y="${y}" textLength="${length}" fill="${color}">${spaced(shown)}</text>`;
    }),
  ).flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${CELL.font}">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
};
