/**
 * Twenty recipes over one base: what they share is made once. The stages that read and lay out disks run as they are; for those that
 * start a machine, and for what is made of the disk after it, the smallest stand-ins take their place.
 */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { createEngine, type Engine } from '../../src/pipeline/engine.ts';
import { type BuildEvent, createEventBus } from '../../src/pipeline/events.ts';
import type { Stage, StageContext } from '../../src/pipeline/stage.ts';
import { runningOn } from '../../src/pipeline/stage-list.ts';
import { openStore } from '../../src/pipeline/store.ts';
import { makeImage } from '../../src/plan.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { foreignDisk } from '../adopt/foreign-disk.ts';

t.setTimeout(120_000);

const COUNT = 20;
const work = await temporaryFolder('ingot-shared-base-');
t.teardown(() => work[Symbol.asyncDispose]());
const at = (...names: string[]) => join(work.path, ...names);
const { signal } = new AbortController();
const store = await openStore(at('store'));

const raw = await foreignDisk(t, { '/usr/bin/cloud-init': '#!/bin/sh\n' });
const image = at('stock.qcow2');
await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, image]);
const os = 'os: {family: debian, release: "12"}\n';
await writeFile(
  at('base.yaml'),
  `name: base\n${os}origin: {image: stock.qcow2}\nconfigure: [{run: {script: "true"}}]\n`,
);

/** What takes the place of a machine: a file that is as the key is. */
const STAND_INS: Readonly<Record<string, (key: unknown, context: StageContext) => Promise<unknown>>> = {
  async configure(key, { dir }) {
    await writeFile(join(dir, 'disk.qcow2'), JSON.stringify(key));
    return { disk: await fileRef(join(dir, 'disk.qcow2')), base: {}, buildKeys: [] };
  },
  async capture(key, { dir }) {
    const path = join(dir, 'image.qcow2');
    await run('cp', ['--reflink=auto', image, path]);
    // Between the last partition and the backup of the table: another image.
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 62M 512', path]);
    await writeFile(join(dir, 'key'), JSON.stringify(key));
    return { images: [{ format: 'qcow2', file: await fileRef(path), virtualSize: 0 }], packages: [] };
  },
  trust: async () => ({}),
};

const standIn = <In, Out>(stage: Stage<In, Out>): Stage<In, Out> => {
  const work = STAND_INS[stage.name];
  if (work === undefined) return stage;
  return {
    ...stage,
    run: async (input, context) =>
      (await work(await stage.key(input, { ...context.parts, shared: context.shared }), context)) as Out,
  };
};

/** The titles of the stages that ran. */
const build = async (name: string): Promise<string[]> => {
  const ran: string[] = [];
  const bus = createEventBus({ redact: (text) => text });
  bus.subscribe((event: BuildEvent) => event.type === 'stage.start' && ran.push(event.stage));
  const runFolder = at('runs', name);
  await mkdir(runFolder, { recursive: true });
  const engine = createEngine({ store, bus, signal, runFolder });
  const walker: Pick<Engine, 'run' | 'verify'> = {
    verify: (results) => engine.verify(results),
    run: (stage, input) => engine.run(standIn(stage), input),
  };
  const made = await makeImage(await loadRecipe(at(`${name}.yaml`)), runningOn(walker));
  t.ok(made?.captured.images[0], `${name} is made`);
  return ran;
};

const entries = async (stage: string) => (await readdir(at('store', 'stages', stage))).sort();

t.test('each further recipe over a base costs its own steps alone', async (t) => {
  const text = (nth: number) =>
    `name: top-${nth}\n${os}origin: {image: {recipe: base.yaml}}\nanswers: {hostname: top-${nth}}\nconfigure: [{run: {script: "echo ${nth}"}}]\n`;
  for (let nth = 1; nth <= COUNT; nth++) await writeFile(at(`top-${nth}.yaml`), text(nth));
  t.same(await build('top-1'), [
    ...['obtain', 'prepare', 'configure', 'capture'].map((stage) => `base: ${stage}`),
    ...['prepare', 'configure', 'capture', 'trust'],
  ]);
  const shared = { obtain: await entries('obtain'), prepare: await entries('prepare') };
  t.equal(shared.obtain.length, 1);
  t.equal(shared.prepare.length, 2, 'of the stock image, and of the base');
  for (let nth = 2; nth <= COUNT; nth++)
    t.same(await build(`top-${nth}`), ['configure', 'capture', 'trust'], `top-${nth}`);
  t.same({ obtain: await entries('obtain'), prepare: await entries('prepare') }, shared, 'no base is copied again');
  t.same(await build(`top-${COUNT}`), [], 'and unchanged ones cost nothing');
});

t.test('a base is a layer of some kilobytes over the image, named relative to it', async (t) => {
  for (const entry of await entries('prepare')) {
    const disk = at('store', 'stages', 'prepare', entry, 'disk.qcow2');
    const { stdout } = await run('qemu-img', ['info', '--output=json', '-U', disk]);
    const backing: string = JSON.parse(stdout)['backing-filename'];
    t.match(backing, /^\.\.\/\.\.\/(obtain|capture)\/[0-9a-f]{64}\/image\.qcow2$/);
    t.ok((await stat(disk)).size < 512 * 1024, 'nothing of the image is in it');
  }
});
