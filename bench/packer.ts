/**
 * Ingot against Debian's Packer, on one host and in one run: bench/packer/README.md says what is measured and how.
 *
 *     node bench/packer.ts [--rounds N] [--only cold,rebuild,…] [--work DIR] [--report]
 *
 * One machine at a time; the tools take turns. Every result is in DIR/results.ndjson as soon as it is there, and the
 * same command goes on after it. `--report` writes the table and the plot into docs/.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  forgetRound,
  help,
  ingotChanged,
  ingotCold,
  ingotUnchanged,
  isBuilt,
  packerCold,
  remastered,
} from './packer/measure.ts';
import { report } from './packer/packer-report.ts';
import { type Figures, openResults, PARTS, type Part, type Tool } from './packer/results.ts';
import { setUp } from './packer/setup.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: PARTS.join(',') },
    work: { type: 'string', default: 'packer-bench' },
    report: { type: 'boolean', default: false },
  },
});
const only = values.only.split(',');
const wrong = only.find((part) => !PARTS.some((known) => known === part));
if (wrong !== undefined) throw new Error(`--only ${wrong}: one of ${PARTS.join(', ')}`);
const work = resolve(values.work);
const rounds = Number(values.rounds);

const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** Of the quick ones, for each round. */
const REPEATS = { rebuild: 5, remaster: 5, help: 10 } as const;

await mkdir(work, { recursive: true });
const results = await openResults(join(work, 'results.ndjson'));
const bench = await setUp(work, say);

const sample = async (part: Part, tool: Tool, round: number, take: () => Promise<Figures>): Promise<void> => {
  if (!only.includes(part) || results.has(part, tool, round)) return;
  say(`${part}, ${tool}, round ${round}`);
  const figures = await take();
  say(`  ${figures['seconds']?.toFixed(2)} s`);
  await results.add(part, tool, round, figures);
};

const ingotRound = async (round: number): Promise<void> => {
  const numbers = Array.from({ length: REPEATS.rebuild }, (_, index) => (round - 1) * REPEATS.rebuild + index + 1);
  const isOpen = (part: Part, number: number) => only.includes(part) && !results.has(part, 'ingot', number);
  await sample('cold', 'ingot', round, () => ingotCold(bench, round));
  const areOpen = isOpen('changed', round) || numbers.some((number) => isOpen('rebuild', number));
  if (areOpen && !(await isBuilt(bench, round))) {
    say('the rebuilds need a build to begin with');
    await ingotCold(bench, round);
  }
  for (const number of numbers) await sample('rebuild', 'ingot', number, () => ingotUnchanged(bench, round));
  await sample('changed', 'ingot', round, () => ingotChanged(bench, round));
  await forgetRound(bench, round);
};

const packerRound = async (round: number): Promise<void> => {
  await sample('cold', 'packer-plain', round, () => packerCold(bench, 'plain', round));
  await sample('cold', 'packer-tuned', round, () => packerCold(bench, 'tuned', round));
};

for (let number = 1; number <= REPEATS.help; number++) await sample('help', 'ingot', number, () => help(bench));
for (let number = 1; number <= REPEATS.remaster; number++)
  await sample('remaster', 'ingot', number, () => remastered(bench, number));
for (let round = 1; round <= rounds; round++) {
  const turns = [ingotRound, packerRound];
  // Neither always comes first, when the host is still cool or the cache still cold.
  for (const turn of round % 2 === 1 ? turns : turns.toReversed()) await turn(round);
}
process.stdout.write(await report({ work, samples: results.samples, write: values.report }));
