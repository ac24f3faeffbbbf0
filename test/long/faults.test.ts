/**
 * Builds that are killed at random moments, stores that are damaged, disks that are full: the next build succeeds and
 * leaves the same file tree, or an error has a name; never a wrong image.
 *
 * INGOT_KILLS (45) kills hit media, configure and capture after a cached installation, INGOT_INSTALL_KILLS (5) the
 * installation itself. INGOT_FAULT_SEED repeats a run.
 */
import { randomInt } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { filesBelow } from '../../src/capture/glob.ts';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { run } from '../../src/host/run.ts';
import { exampleRecipe, ingot, machinesOf, testStore, userKey } from '../e2e/support.ts';
import { until } from '../machine/guest.ts';

t.setTimeout(6 * 60 * 60_000);

const KILLS = Number(process.env['INGOT_KILLS'] ?? 45);
const INSTALL_KILLS = Number(process.env['INGOT_INSTALL_KILLS'] ?? 5);
const seed = Number(process.env['INGOT_FAULT_SEED'] ?? randomInt(2 ** 31));
t.comment(`INGOT_FAULT_SEED=${seed}`);

const key = await userKey();
const out = join(testStore, 'faults');
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const output = join(out, 'debian-12-minimal');
const raw = join(output, 'debian-12-minimal.raw');
const arguments_ = ['build', exampleRecipe, '--store', testStore, '--out', out, '--var', `key=${key}.pub`];

/** mulberry32: a run can be repeated by its seed. */
let state = seed;
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const anyOf = <T>(items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

const finish = async (t: Test, args = arguments_, what = 'the next build succeeds') => {
  const build = ingot(args);
  const { code, stderr } = await build.ended;
  t.equal(code, 0, `${what}${stderr}`);
  return build;
};

/** Path and size of every file; an initramfs is compressed with its time stamps in it. */
const treeOf = async (image: string): Promise<string[]> =>
  (await filesBelow(await openGuestFiles(image), '/'))
    .filter(({ path }) => !path.startsWith('/boot/initrd.img-'))
    .map(({ path, size }) => `${path} ${size}`)
    .sort();

const isWhole = async (): Promise<boolean> =>
  (await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: output, allow: [0, 1] })).exitCode === 0;
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Kills a build of these arguments between its start of `stage` and `span` milliseconds later. */
const killIn = async (t: Test, stage: string, args: readonly string[], span: number): Promise<void> => {
  const build = ingot([...arguments_, ...args]);
  await build.until((event) => event.type === 'stage.start' && event.stage === stage);
  const after = Math.round(random() * span);
  await Promise.race([delay(after), build.ended]);
  build.child.kill('SIGKILL');
  const { signal } = await build.ended;
  t.comment(`${stage}: ${signal === null ? 'had ended' : 'killed'} after ${after} ms`);
  t.ok(await until(async () => (await machinesOf(testStore)).length === 0), 'no machine is left');
  if (await isThere(output)) t.ok(await isWhole(), 'what lies there is whole');
};

await t.test('an undisturbed build', async (t) => {
  await finish(t);
});
const reference = await treeOf(raw);
t.ok(reference.length > 5000);

/** This stage again, and no installation after it. */
const only = (stage: string): string[] => ['--from', stage, ...(stage === 'medium' ? ['--until', stage] : [])];

/** How long the stages after the installation take, with some time after them. */
const spans = new Map<string, number>();

t.test(`${KILLS} kills after the installation`, async (t) => {
  for (const stage of ['medium', 'configure', 'capture']) {
    const build = await finish(t, [...arguments_, ...only(stage)], stage);
    const done = build.events.find((event) => event.type === 'stage.done' && event.stage === stage);
    spans.set(stage, 1.1 * (done?.type === 'stage.done' ? done.duration : 10_000));
  }
  for (let nth = 0; nth < KILLS; nth++) {
    const stage = anyOf(['medium', 'configure', 'capture']);
    await killIn(t, stage, only(stage), spans.get(stage) ?? 10_000);
    await finish(t);
    t.ok(await isWhole());
    if (nth % 5 === 4 || nth === KILLS - 1) t.same(await treeOf(raw), reference, 'the file tree is the same');
  }
});

t.test('bytes that flip', async (t) => {
  // Each is read by the stage after it, a captured image when the output is made.
  const reading = { assemble: only('medium'), configure: only('capture'), capture: [] };
  for (const [stage, args] of Object.entries(reading)) {
    const { events } = await finish(t);
    const used = events.find((event) => event.type === 'stage.cached' && event.stage === stage);
    const folder = join(testStore, 'stages', stage, used?.type === 'stage.cached' ? used.key : '');
    const files = (await readdir(folder)).filter((name) => !name.endsWith('.json') && name !== 'holds-secrets');
    await flip(join(folder, anyOf(files)));
    await rm(output, { recursive: true, force: true });
    const again = await finish(t, [...arguments_, ...args], `${stage} is damaged`);
    const notes = again.events.flatMap((event) => (event.type === 'stage.note' ? [event.text] : [])).join('\n');
    t.match(notes, /a stored result of \S+ was damaged/, `${stage}: it is noticed and said`);
    await finish(t);
    t.ok(await isWhole());
  }
  t.same(await treeOf(raw), reference, 'the file tree is the same');
});

t.test('records whose bytes flip', async (t) => {
  // The record of an installation is whole here: its loss costs a whole one, as any that is killed does below.
  const records = { resolve: 'lock.json', assemble: 'result.json', answers: 'result.json', medium: 'result.json' };
  const more = { unpack: 'result.json', install: 'key.json', configure: 'key.json', capture: 'result.json' };
  for (const [stage, name] of Object.entries({ ...records, ...more })) {
    const { events } = await finish(t);
    const used = events.find((event) => event.type === 'stage.cached' && event.stage === stage);
    await flip(join(testStore, 'stages', stage, used?.type === 'stage.cached' ? used.key : '', name));
    await finish(t, arguments_, `${stage}/${name}`);
    t.ok(await isWhole());
  }
  await flip(join(output, 'manifest.json'));
  await finish(t, arguments_, 'manifest.json');
  t.ok(await isWhole());
  t.same(await treeOf(raw), reference, 'the file tree is the same');
});

const flip = async (path: string): Promise<void> => {
  await using file = await open(path, 'r+');
  const { size } = await file.stat();
  const at = Math.floor(random() * size);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ (1 << Math.floor(random() * 8));
  await file.write(byte, 0, 1, at);
};

t.test('a lock of a process that is gone holds nobody up', async (t) => {
  const locks = (await readdir(join(testStore, 'locks'))).filter((name) => name.startsWith('capture-'));
  t.ok(locks.length > 0, 'locks of ended builds lie there');
  t.match(await readFile(join(testStore, 'locks', locks[0] ?? ''), 'utf8'), /^\d+\n$/);
  await finish(t, [...arguments_, '--from', 'capture']);
});

t.test(`${INSTALL_KILLS} kills in the installation`, { skip: INSTALL_KILLS === 0 && 'not asked for' }, async (t) => {
  for (let nth = 0; nth < INSTALL_KILLS; nth++) await killIn(t, 'install', ['--from', 'install'], 10 * 60_000);
  const before = (await stat(raw)).ino;
  await finish(t, [...arguments_, '--from', 'install']);
  t.not((await stat(raw)).ino, before, 'it is another image');
  t.same(await treeOf(raw), reference, 'with the same file tree');
});
