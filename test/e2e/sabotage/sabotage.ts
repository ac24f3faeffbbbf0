/** Runs a sabotaged build by the command line, and looks at how it ends: by which name, how soon, and what is left. */
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { probeAccelerator } from '../../../src/machine/accelerator.ts';
import type { StampedEvent } from '../../../src/pipeline/events.ts';
import { silentReporter } from '../../../src/report.ts';
import { until } from '../../machine/guest.ts';
import { exampleRecipe, ingot, storeMachines, testStore, userKey } from '../support.ts';
import type { Sabotage } from './cases.ts';

/** From the stop to the error, milliseconds; a busy host that emulates gets more. */
const limit = async (): Promise<number> => {
  const host = { cacheFolder: join(testStore, 'shared', 'host'), reporter: silentReporter };
  return (await probeAccelerator('auto', host)).accelerator === 'kvm' ? 60_000 : 180_000;
};

const LOGS = ['serial.log', 'installer.log'];

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects are joined, all else is replaced. */
const merged = (base: Json, change: Json): Json => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(change).map(([name, value]) => {
      const before = base[name];
      return [name, isObject(before) && isObject(value) ? merged(before, value) : value];
    }),
  ),
});

const work = join(testStore, 'sabotage');

/** The example with the change; its name stays, since what is installed already is found by it. */
const writeRecipe = async (sabotage: Sabotage): Promise<string> => {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const path = join(work, 'recipe.yaml');
  const example: Json = parse(await readFile(exampleRecipe, 'utf8'));
  await writeFile(path, JSON.stringify(merged(example, sabotage.recipe), null, 2));
  return path;
};

export const sabotaged = async (t: Test, sabotage: Sabotage): Promise<void> => {
  const key = await userKey();
  const args = ['build', await writeRecipe(sabotage), '--store', testStore, '--out', join(work, 'out')];
  const build = ingot([...args, '--until', 'configure', '--on-failure', 'destroy', '--var', `key=${key}.pub`], (text) =>
    t.comment(text),
  );
  const start = await build.until(({ type }) => type === 'build.start');
  const runFolder = start.type === 'build.start' ? start.runFolder : '';
  const stopped = timeOfStop(runFolder, sabotage.stop, build.ended);
  if (sabotage.host) {
    await build.until((event) => event.type === 'stage.phase' && event.phase === sabotage.host?.phase);
    await delay(2000);
    const machines = await storeMachines();
    t.equal(machines.length, 1, 'one machine runs');
    for (const pid of machines) process.kill(pid, 'SIGKILL');
  }
  const { code, stderr } = await build.ended;
  const failed = build.events.find((event) => event.type === 'stage.failed');
  t.equal(code, 1, `it fails ${stderr}`);
  const { code: name, message } = failed?.error ?? { code: 'none', message: stderr };
  t.equal(name, sabotage.code, name === sabotage.code ? `by the name ${name}` : `not by another name: ${message}`);
  if (name !== sabotage.code) t.comment(JSON.stringify(failed, null, 2));
  if (sabotage.says) t.match(`${failed?.error.message}\n${failed?.error.detail}`, sabotage.says, 'it says what');
  t.ok(failed?.error.hint || failed?.error.detail, 'it says more than that');
  const at = await stopped;
  if (sabotage.stop) {
    const took = at === undefined || failed === undefined ? Number.NaN : Date.parse(failed.at) - at;
    t.ok(took < (await limit()), `told ${(took / 1000).toFixed(1)} s after the stop`);
  }
  await nothingIsLeft(t, runFolder, failed);
  for (const name of sabotage.keeps ?? []) {
    const path = join(runFolder, failed?.stage ?? '', name);
    t.ok(((await stat(path).catch(() => undefined))?.size ?? 0) > 0, `evidence: ${name}`);
  }
};

/** When the first line that fits was written, milliseconds since 1970. */
const timeOfStop = async (
  runFolder: string,
  stop: RegExp | undefined,
  ended: Promise<unknown>,
): Promise<number | undefined> => {
  if (stop === undefined) return undefined;
  const waiting = { hasEnded: false };
  void ended.then(() => {
    waiting.hasEnded = true;
  });
  // What was there before the sabotage is not the stop: a restored machine's log begins anew.
  for (;;) {
    for (const stage of ['install', 'configure'])
      for (const log of LOGS) {
        const text = await readFile(join(runFolder, stage, log), 'latin1').catch(() => '');
        if (stop.test(text)) return Date.now();
      }
    if (waiting.hasEnded) return undefined;
    await delay(500);
  }
};

const nothingIsLeft = async (t: Test, runFolder: string, failed: StampedEvent | undefined): Promise<void> => {
  t.ok(await until(async () => (await storeMachines()).length === 0), 'no machine runs');
  const stage = failed?.type === 'stage.failed' ? failed.stage : '';
  const evidence: readonly string[] = await readdir(join(runFolder, stage)).catch(() => []);
  for (const name of ['launch.sh', 'serial.log', 'console.txt', 'console.png'])
    t.ok(evidence.includes(name), `evidence: ${name}`);
  const out = await access(join(work, 'out', 'debian-12-minimal')).then(
    () => true,
    () => false,
  );
  t.notOk(out, 'there is no output');
  t.notOk(evidence.includes('unfinished'), 'nor a disk, as was asked for');
};
