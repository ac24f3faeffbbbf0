/**
 * A stock image made one's own, by Ingot and by Debian's Packer (`disk_image`, `use_backing_file`), on one host and in one run;
 * then further recipes over what Ingot made.
 *
 *     node bench/stock-image.ts [--image FILE] [--rounds N] [--next N] [--work DIR] [--report]
 *
 * FILE is a qcow2 of Debian 12 with cloud-init; without it one is made (test/stock-images). The same script runs in both
 * machines (stock-image/work.sh); Packer's also cleans up (clean.sh), which sealing does for Ingot. One machine at a time, and the tools take
 * turns. Results are in DIR/results.ndjson at once, and the same command goes on after them. `--report` writes the table into
 * docs/stock-images.md.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stockImage } from '../test/stock-images/stock-image.ts';
import { openResults } from './packer/results.ts';
import { setUpPacker, writeHostFacts } from './packer/setup.ts';
import { forgetRound, ingotBuild, ingotNext, packerCold, type StockBench } from './stock-image/measure.ts';
import type { Part, Tool } from './stock-image/rows.ts';
import { report } from './stock-image/stock-report.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    next: { type: 'string', default: '3' },
    work: { type: 'string', default: 'stock-image-bench' },
    report: { type: 'boolean', default: false },
  },
});
const work = resolve(values.work);
const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

await mkdir(work, { recursive: true });
const results = await openResults<Part, Tool>(join(work, 'results.ndjson'));
const { key, accelerator } = await setUpPacker(work, say);
await writeHostFacts(work, accelerator);
const image =
  values.image === undefined
    ? await stockImage('mmdebstrap-cloud', { folder: join(work, 'stock'), tell: say })
    : resolve(values.image);
const bench: StockBench = { work, key, accelerator, image };

const sample = async (part: Part, tool: Tool, round: number, take: () => ReturnType<typeof packerCold>) => {
  if (results.has(part, tool, round)) return;
  say(`${part}, ${tool}, round ${round}`);
  const figures = await take();
  say(`  ${figures['seconds']?.toFixed(2)} s`);
  await results.add(part, tool, round, figures);
};

const ingotRound = async (round: number): Promise<void> => {
  await sample('cold', 'ingot', round, async () => {
    await forgetRound(bench, round);
    return ingotBuild(bench, round);
  });
  await sample('unchanged', 'ingot', round, () => ingotBuild(bench, round));
};
const packerRound = (round: number) => sample('cold', 'packer', round, () => packerCold(bench, round));
const nextRound = async (round: number): Promise<void> => {
  for (let number = 1; number <= Number(values.next); number++)
    await sample(number === 1 ? 'first over it' : 'next over it', 'ingot', round * 100 + number, () =>
      ingotNext(bench, round, number),
    );
};
for (let round = 1; round <= Number(values.rounds); round++) {
  const turns = [ingotRound, packerRound];
  // Neither always comes first, when the cache is still cold.
  for (const turn of round % 2 === 1 ? turns : turns.toReversed()) await turn(round);
  await nextRound(round);
  await forgetRound(bench, round);
}
process.stdout.write(await report({ work, samples: results.samples, write: values.report }));
