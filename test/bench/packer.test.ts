import t from 'tap';
import { phaseTimes, WHOLE_BUILD } from '../../bench/lib/phase-times.ts';
import { between, reportText } from '../../bench/packer/packer-report.ts';
import { packerTimes } from '../../bench/packer/packer-times.ts';
import { plot } from '../../bench/packer/plot.ts';
import { median, type Part, type Sample, type Tool } from '../../bench/packer/results.ts';
import { aimText, isReached, rowsOf, shown } from '../../bench/packer/rows.ts';
import { packerTemplate } from '../../bench/packer/template.ts';
import { usageOf } from '../../bench/packer/watched.ts';
import type { Part as StockPart, StockSample, Tool as StockTool } from '../../bench/stock-image/rows.ts';
import { stockText } from '../../bench/stock-image/stock-report.ts';
import { stockTemplate } from '../../bench/stock-image/stock-template.ts';

const sample = (part: Part, tool: Tool, figures: Sample['figures'], round = 1): Sample => ({
  part,
  tool,
  round,
  at: '2026-11-25T10:00:00.000Z',
  figures,
});

const SAMPLES = [
  sample('cold', 'ingot', { seconds: 400, convert: 5, capture: 12, image: 250e6, ownShare: 0.02, memory: 120e6 }),
  sample('cold', 'packer-plain', { seconds: 1000, ssh: 950, convert: 20, image: 260e6 }),
  sample('rebuild', 'ingot', { seconds: 0.8 }),
  sample('changed', 'ingot', { seconds: 100, ssh: 4 }),
  sample('remaster', 'ingot', { seconds: 4, stage: 3, write: 0.5, copy: 0.1 }),
];

const HOST = { processors: '2 × CPU', memory: '8 GiB', accelerator: 'tcg', linux: '6.1', qemu: '7.2', node: 'v24' };

t.test('medians', async (t) => {
  t.equal(median([]), undefined);
  t.equal(median([3]), 3);
  t.equal(median([9, 1, 5]), 5);
  t.equal(median([1, 2, 4, 9]), 3);
});

t.test('what the tools print', async (t) => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const event = (type: string, seconds: number, more: object) =>
    JSON.stringify({ type, at: at(seconds), stage: 'configure', ...more });
  const times = phaseTimes([
    event('stage.phase', 10, { phase: 'restore' }),
    event('stage.line', 11, { line: 'x' }),
    event('stage.phase', 14, { phase: 'a step' }),
    event('stage.done', 20, { duration: 11_000 }),
    event('build.done', 21, { duration: 12_000 }),
    'not an event',
  ]);
  t.same(
    [...times],
    [
      ['configure/restore', 4],
      ['configure/a step', 6],
      ['configure', 11],
      [WHOLE_BUILD, 12],
    ],
  );
  const lines = [
    { at: 10, text: '2026-11-25T00:00:10Z: ==> qemu: Starting VM, booting from CD-ROM' },
    { at: 900, text: '2026-11-25T00:15:00Z: ==> qemu: Connected to SSH!' },
    { at: 950, text: '2026-11-25T00:15:50Z: ==> qemu: Converting hard drive...' },
    { at: 975, text: "2026-11-25T00:16:15Z: Build 'qemu' finished." },
  ];
  t.same(packerTimes(lines), { ssh: 900, convert: 25, machine: 940 });
  t.throws(() => packerTimes([]), /conversion/);
});

t.test('usage of a process whose name has blanks and parentheses', async (t) => {
  const stat = '7 (a) b (c)) S 1 1 1 0 -1 0 1 2 3 4 250 50 1000 200 20 0';
  t.same(usageOf(stat, 'Name:\tx\nVmHWM:\t  2048 kB\n'), { ownCpu: 3, childrenCpu: 12, peakMemory: 2097152 });
});

t.test('aims', async (t) => {
  const reached = Object.fromEntries(rowsOf(SAMPLES).map((row) => [row.name, isReached(row)]));
  t.same(reached, {
    'cold build': true,
    'unchanged rebuild': true,
    'last step changed: until SSH': true,
    'last step changed: whole rebuild': false,
    'image, compressed qcow2': true,
    'capture: the image made': true,
    'capture: with the image examined': undefined,
    'own share of the processor time': true,
    'own memory, peak': true,
    '`--help`': undefined,
  });
  t.same(rowsOf([]).map(aimText), [
    '≤ 0.5 ×',
    '< 1 s',
    '< 5 s',
    '≤ 0.08 ×',
    '≤ 1 ×',
    '≤ 0.3 ×',
    '',
    '< 3 %',
    '< 150 MB',
    '< 150 ms',
  ]);
  t.equal(shown(0.0214, '%'), '2.14 %');
});

t.test('report and plot', async (t) => {
  const text = reportText(SAMPLES, HOST);
  t.match(text, '| cold build | 400 s | 1000 s | 0.40 × | ≤ 0.5 × | yes | – |');
  t.match(text, '| last step changed: whole rebuild | 100 s | 1000 s | 0.10 × | ≤ 0.08 × | **no** | – |');
  t.match(text, /xorriso writes it in 0.50 s, `cp` copies it in 0.10 s \(5.0 ×\)/);
  t.equal(
    between('a\n<!-- packer:begin -->\nold\n<!-- packer:end -->\nb', 'new\n'),
    'a\n<!-- packer:begin -->\nnew\n<!-- packer:end -->\nb',
  );
  t.throws(() => between('nothing', ''), /has no/);
  const svg = plot(rowsOf(SAMPLES));
  t.equal(svg.match(/class="title"/g)?.length, 6, 'a panel for each row that can be compared');
  t.match(svg, /prefers-color-scheme: dark/);
  t.doesNotThrow(() => plot(rowsOf([])));
});

t.test('the table over a stock image', async (t) => {
  const one = (part: StockPart, tool: StockTool, figures: Sample['figures'], round = 1): StockSample => ({
    ...{ part, tool, round, figures },
    at: '2026-11-30T10:00:00.000Z',
  });
  const text = stockText(
    [
      one('cold', 'ingot', { seconds: 60, host: 45, image: 200e6, configuring: 5 }),
      one('cold', 'packer', { seconds: 100, host: 20, image: 210e6, ssh: 40 }),
      one('unchanged', 'ingot', { seconds: 1, host: 1 }),
      one('first over it', 'ingot', { seconds: 50, host: 10, configuring: 4 }),
      one('next over it', 'ingot', { seconds: 40, host: 9, configuring: 1 }),
      one('next over it', 'ingot', { seconds: 44, host: 11, configuring: 2 }, 2),
    ],
    HOST,
  );
  for (const row of [
    '| cold build | 60.0 s | 100 s | 0.60 × | ≤ 0.5 × | **no** |',
    '| – of it without a machine | 45.0 s | 20.0 s | 2.25 × | < 40 s | **no** |',
    '| unchanged build | 1.00 s | 100 s | 0.010 × | ≤ 0.05 × | yes |',
    '| the first recipe over it: until its machine starts | 4.00 s |  |  | < 3 s | **no** |',
    '| each further one: until its machine starts | 1.50 s |  |  | < 3 s | yes |',
    '| each further one: whole build | 42.0 s |  |  |  |  |',
  ])
    t.ok(text.includes(`\n${row}\n`), `${row}\n${text}`);
  t.match(stockText([], HOST), /cold build \| – \| –/);
});

t.test('nothing of Packer listens but on 127.0.0.1', async (t) => {
  const input = {
    accelerator: 'tcg',
    source: 'i',
    sha256: '0',
    key: 'k',
    output: 'o',
    serialLog: 's',
    script: 'p',
    motd: 'm',
  } as const;
  const stock = stockTemplate({ ...input, seed: 's', size: 3 * 2 ** 30 + 1, scripts: [] });
  for (const template of [packerTemplate(input), stock])
    t.same(JSON.stringify(template).match(/hostfwd=tcp:[^:]*:/g), ['hostfwd=tcp:127.0.0.1:']);
  t.match(stock.builders, [{ disk_image: true, use_backing_file: true, disk_size: '3073M' }]);
});
