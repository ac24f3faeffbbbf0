/** A plot as SVG: a panel for each row that Packer has a figure for, a bar for each tool; for light and dark pages. */
import { type Row, shown } from './rows.ts';

const WIDTH = 720;
const LABEL = 190;
const BAR = 16;
const STEP = 20;
const HEAD = 26;
const GAP = 14;
/** The column of the figures, clear of the line of an aim. */
const FIGURE = 80;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; } .figure { text-anchor: end; }
  .ingot { fill: #0969da; } .plain { fill: #8c959f; } .tuned { fill: #afb8c1; }
  .aim { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ingot { fill: #4493f8; } .plain { fill: #7d8590; } .tuned { fill: #545d68; }
    .aim { stroke: #f85149; }
  }`;

const TOOLS = [
  ['ingot', 'Ingot'],
  ['plain', 'Packer, plain medium'],
  ['tuned', 'Packer, tuned medium'],
] as const;

export const plot = (rows: readonly Row[]): string => {
  const compared = rows.filter(({ ingot, plain }) => ingot !== undefined && plain !== undefined);
  const panels = compared.map(panel);
  const height = panels.length * (HEAD + TOOLS.length * STEP + GAP) + HEAD;
  const placed = panels.map((lines, index) => {
    const top = index * (HEAD + TOOLS.length * STEP + GAP);
    return `  <g transform="translate(0 ${top})">\n${lines.map((text) => `    ${text}`).join('\n')}\n  </g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Ingot and Packer compared">`,
    `  <style>${STYLE}\n  </style>`,
    ...placed,
    `  <text x="0" y="${height - 8}">Medians; shorter is better. Dashed: the aim.</text>`,
    '</svg>',
    '',
  ].join('\n');
};

const panel = (row: Row): string[] => {
  const longest = Math.max(...TOOLS.map(([key]) => row[key] ?? 0));
  const scale = (value: number): number => (longest === 0 ? 0 : (value / longest) * (WIDTH - LABEL - FIGURE));
  const bars = TOOLS.flatMap(([key, name], index) => {
    const value = row[key];
    const top = HEAD + index * STEP;
    const length = Math.max(1, scale(value ?? 0)).toFixed(1);
    return [
      `<text x="0" y="${top + 13}">${name}</text>`,
      ...(value === undefined
        ? []
        : [`<rect class="${key}" x="${LABEL}" y="${top}" width="${length}" height="${BAR}" rx="2"/>`]),
      `<text class="figure" x="${WIDTH}" y="${top + 13}">${shown(value, row.unit)}</text>`,
    ];
  });
  return [`<text class="title" x="0" y="17">${escaped(row.name)}</text>`, ...bars, ...aimLine(row, scale)];
};

const aimLine = ({ aim, plain }: Row, scale: (value: number) => number): string[] => {
  if (aim === undefined || plain === undefined) return [];
  const x = (LABEL + scale(aim.of === 'ratio' ? aim.most * plain : aim.most)).toFixed(1);
  return [`<line class="aim" x1="${x}" x2="${x}" y1="${HEAD - 4}" y2="${HEAD + BAR + 4}"/>`];
};

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/`/g, '');
