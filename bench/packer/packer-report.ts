/** The report of what was measured: a table and a plot, printed or written into docs/. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../src/host/project.ts';
import { plot } from './plot.ts';
import { figure, type Sample } from './results.ts';
import { aimText, isReached, type Row, ratioOf, rowsOf, shown } from './rows.ts';
import type { HostFacts } from './setup.ts';

export interface ReportOptions {
  readonly work: string;
  readonly samples: readonly Sample[];
  /** Into docs/performance.md and docs/performance.svg. */
  readonly write: boolean;
}

export const report = async ({ work, samples, write }: ReportOptions): Promise<string> => {
  const host: HostFacts = JSON.parse(await readFile(join(work, 'host.json'), 'utf8'));
  const text = reportText(samples, host);
  if (!write) return text;
  const docs = join(projectFolder, 'docs');
  const path = join(docs, 'performance.md');
  await writeFile(path, between(await readFile(path, 'utf8'), text));
  await writeFile(join(docs, 'performance.svg'), plot(rowsOf(samples)));
  return text;
};

/** `document` with `text` between its two markers of that name. */
export const between = (document: string, text: string, name = 'packer'): string => {
  const [first, last] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [begin, end] = [document.indexOf(first), document.indexOf(last)];
  if (begin < 0 || end < begin) throw new Error(`the document has no ${first} … ${last}`);
  return `${document.slice(0, begin + first.length)}\n${text}${document.slice(end)}`;
};

export const reportText = (samples: readonly Sample[], host: HostFacts): string =>
  [
    `${daysOf(samples)}; ${hostText(host)}`,
    `Medians; ${roundsOf(samples)}.`,
    '',
    '| | Ingot | Packer, plain medium | ratio | aim | reached | Packer, Ingot’s tuned medium |',
    '|---|---|---|---|---|---|---|',
    ...rowsOf(samples).map(line),
    '',
    ...remasterText(samples),
    '![Times of Ingot and of Packer as bars](performance.svg)',
    '',
  ].join('\n');

const line = (row: Row): string => {
  const { name, unit, ingot, plain, tuned } = row;
  const [ratio, reached] = [ratioOf(row), isReached(row)];
  const cells = [
    name,
    shown(ingot, unit),
    'plain' in row ? shown(plain, unit) : '',
    ratio === undefined ? '' : `${ratio.toFixed(ratio < 0.1 ? 3 : 2)} ×`,
    aimText(row),
    reached === undefined ? '' : reached ? 'yes' : '**no**',
    'tuned' in row ? shown(tuned, unit) : '',
  ];
  return `| ${cells.join(' | ')} |`;
};

const remasterText = (samples: readonly Sample[]): string[] => {
  const of = (name: string) => figure(samples, 'remaster', 'ingot', name);
  const [write, copy] = [of('write'), of('copy')];
  if (write === undefined || copy === undefined) return [];
  return [
    `A remastered medium: xorriso writes it in ${shown(write, 's')}, \`cp\` copies it in ${shown(copy, 's')} ` +
      `(${(write / copy).toFixed(1)} ×). With its menus, answers and the reading again of what was written ` +
      `${shown(of('stage'), 's')}; the whole \`ingot media\` ${shown(of('seconds'), 's')}.`,
    '',
  ];
};

export const hostText = ({ processors, memory, linux, qemu, accelerator, node }: HostFacts): string =>
  `${processors}, ${memory}, Linux ${linux}; QEMU ${qemu} with\n${accelerator === 'kvm' ? 'KVM' : 'emulation (TCG)'}; Node ${node}; Packer 1.6.6.`;

export const daysOf = (samples: readonly Pick<Sample, 'at'>[]): string => {
  const days = [...new Set(samples.map(({ at }) => at.slice(0, 10)))].sort();
  return days.length < 2 ? (days[0] ?? 'not measured') : `${days[0]} to ${days.at(-1)}`;
};

/** `cold builds: 3 by Ingot, …`, with the range of each. */
const roundsOf = (samples: readonly Sample[]): string => {
  const cold = (tool: string) =>
    samples
      .filter((sample) => sample.part === 'cold' && sample.tool === tool)
      .map(({ figures }) => figures['seconds'] ?? 0);
  const range = (seconds: readonly number[]) =>
    seconds.length < 2 ? '' : ` (${Math.min(...seconds).toFixed(0)} to ${Math.max(...seconds).toFixed(0)} s)`;
  const [ingot, plain, tuned] = [cold('ingot'), cold('packer-plain'), cold('packer-tuned')];
  return `cold builds: ${ingot.length} by Ingot${range(ingot)}, ${plain.length} by Packer${range(plain)}, ${tuned.length} with the tuned medium${range(tuned)}`;
};
