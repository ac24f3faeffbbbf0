/** The table of what was measured over a stock image, printed or written into docs/stock-images.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../src/host/project.ts';
import { between, daysOf, hostText } from '../packer/packer-report.ts';
import { aimText, isReached, type Row, ratioOf, shown } from '../packer/rows.ts';
import type { HostFacts } from '../packer/setup.ts';
import { type Part, type StockSample, stockRows } from './rows.ts';

interface ReportOptions {
  readonly work: string;
  readonly samples: readonly StockSample[];
  readonly write: boolean;
}

export const report = async ({ work, samples, write }: ReportOptions): Promise<string> => {
  const host: HostFacts = JSON.parse(await readFile(join(work, 'host.json'), 'utf8'));
  const text = stockText(samples, host);
  if (!write) return text;
  const path = join(projectFolder, 'docs', 'stock-images.md');
  await writeFile(path, between(await readFile(path, 'utf8'), text, 'stock-image'));
  return text;
};

export const stockText = (samples: readonly StockSample[], host: HostFacts): string => {
  const count = (part: Part, tool: string) =>
    samples.filter((sample) => sample.part === part && sample.tool === tool).length;
  return [
    `${daysOf(samples)}; ${hostText(host)}`,
    `Medians; cold builds: ${count('cold', 'ingot')} by Ingot, ${count('cold', 'packer')} by Packer; further recipes: ${count('next over it', 'ingot')}.`,
    '',
    '| | Ingot | Packer | ratio | aim | reached |',
    '|---|---|---|---|---|---|',
    ...stockRows(samples).map(line),
    '',
  ].join('\n');
};

const line = (row: Row): string => {
  const [ratio, reached] = [ratioOf(row), isReached(row)];
  const cells = [
    row.name,
    shown(row.ingot, row.unit),
    'plain' in row ? shown(row.plain, row.unit) : '',
    ratio === undefined ? '' : `${ratio.toFixed(ratio < 0.1 ? 3 : 2)} ×`,
    aimText(row),
    reached === undefined ? '' : reached ? 'yes' : '**no**',
  ];
  return `| ${cells.join(' | ')} |`;
};
