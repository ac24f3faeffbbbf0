import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { canonicalJson } from '../../src/canonical-json.ts';
import { IngotError, none } from '../../src/errors.ts';
import { type FileRef, fileRef, temporaryFolder } from '../../src/host/files.ts';
import { createEngine } from '../../src/pipeline/engine.ts';
import { type BuildEvent, createEventBus } from '../../src/pipeline/events.ts';
import { changesBetween, explainBuild } from '../../src/pipeline/explain.ts';
import { makeRunFolder } from '../../src/pipeline/runs.ts';
import type { Stage } from '../../src/pipeline/stage.ts';
import { type Plan, runningOn, stageNames, type Walker, walkPlan } from '../../src/pipeline/stage-list.ts';
import { openStore } from '../../src/pipeline/store.ts';

interface Written {
  readonly file: FileRef;
  readonly runs: number;
}

/** A stage that writes its input into a file and counts how often it really ran. */
const writer = (name = 'write') => {
  let runs = 0;
  const stage: Stage<{ readonly text: string; readonly title?: string }, Written> = {
    name,
    key: ({ text }) => ({ text }),
    async run({ text }, { dir, reporter }) {
      runs += 1;
      reporter.phase('writing');
      await writeFile(join(dir, 'file'), text);
      if (text === 'fails') throw new IngotError('test.failed', 'it failed', { where: 'here', hint: 'no hint' });
      return { file: await fileRef(join(dir, 'file')), runs };
    },
  };
  return { stage, runs: () => runs };
};

const setUp = async (folder: string, options: { fresh?: true; signal?: AbortSignal } = {}) => {
  const store = await openStore(join(folder, 'store'));
  const events: BuildEvent[] = [];
  const bus = createEventBus({ redact: (text) => text.replaceAll('hunter2', '•••') });
  bus.subscribe((event) => events.push(event));
  const runFolder = join(folder, 'run');
  await mkdir(runFolder, { recursive: true });
  const signal = options.signal ?? new AbortController().signal;
  const fresh = options.fresh ? { fresh: options.fresh } : {};
  const engine = createEngine({ store, bus, runFolder, signal, ...fresh });
  return { store, events, engine, runFolder, types: () => events.map((event) => event.type) };
};

t.test('same key, same result; what only describes stays outside the key', async (t) => {
  await using folder = await temporaryFolder();
  const { engine, types, store } = await setUp(folder.path);
  const { stage, runs } = writer();
  const first = await engine.run(stage, { text: 'one', title: 'a' });
  const second = await engine.run(stage, { text: 'one', title: 'b' });
  t.same(second, first);
  t.equal(runs(), 1);
  t.same(types(), ['stage.start', 'stage.phase', 'stage.done', 'stage.cached']);
  t.equal(await readFile(first.file.path, 'utf8'), 'one');
  await engine.run(stage, { text: 'two' });
  t.equal(runs(), 2);
  t.same(
    engine.records.map(({ cached }) => cached),
    [false],
    'one record a stage: that it was made counts',
  );
  t.equal((await stat(store.folder)).mode & 0o777, 0o700, 'the store is private');
});

t.test('a store can be moved; a lost file is made again', async (t) => {
  await using folder = await temporaryFolder();
  const { stage, runs } = writer();
  await (await setUp(folder.path)).engine.run(stage, { text: 'one' });
  const moved = join(folder.path, 'moved');
  await mkdir(moved);
  await rename(join(folder.path, 'store'), join(moved, 'store'));
  const again = await (await setUp(moved)).engine.run(stage, { text: 'one' });
  t.equal(runs(), 1);
  t.equal(again.file.path.startsWith(moved), true);
  await rm(again.file.path);
  await (await setUp(moved)).engine.run(stage, { text: 'one' });
  t.equal(runs(), 2);
});

t.test('a failed stage publishes nothing, keeps evidence, and can be run again', async (t) => {
  await using folder = await temporaryFolder();
  const { engine, events, runFolder, store } = await setUp(folder.path);
  const { stage, runs } = writer();
  await t.rejects(engine.run(stage, { text: 'fails' }), { code: 'test.failed' });
  t.match(events.at(-1), { type: 'stage.failed', phase: 'writing', error: { code: 'test.failed', where: 'here' } });
  t.equal(await readFile(join(runFolder, 'write', 'unfinished', 'file'), 'utf8'), 'fails');
  t.same(await readdir(join(store.folder, 'stages')), []);
  await t.rejects(engine.run(stage, { text: 'fails' }), { code: 'test.failed' });
  t.equal(runs(), 2);
});

t.test('two builds of the same stage at once: one builds, the other takes the result', async (t) => {
  await using folder = await temporaryFolder();
  let runs = 0;
  const slow: Stage<string, { runs: number }> = {
    name: 'slow',
    key: (text) => ({ text }),
    async run() {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { runs };
    },
  };
  const one = await setUp(folder.path);
  const two = await setUp(folder.path);
  const results = await Promise.all([one.engine.run(slow, 'x'), two.engine.run(slow, 'x')]);
  t.same(results, [{ runs: 1 }, { runs: 1 }]);
});

t.test('a killed build leaves its logs and nothing else', async (t) => {
  await using folder = await temporaryFolder();
  const { store } = await setUp(folder.path);
  const dead = join(store.folder, 'runs', '20260101T000000-web-999999999');
  const failed = join(store.folder, 'runs', '20260101T000000-web-999999998');
  const importing = join(store.folder, 'runs', 'import-99999999-abcdef');
  // In another PID namespace, its number means nothing here.
  await using running = await makeRunFolder(store.folder, { name: 'web', recipe: '' });
  const living = join(store.folder, 'runs', '20260101T000000-web-999999997');
  await rename(running.folder, living);
  for (const run of [dead, failed, living, importing]) {
    await mkdir(join(run, 'install', 'unfinished'), { recursive: true });
    await writeFile(join(run, 'install', 'unfinished', 'disk.qcow2'), '');
    await writeFile(join(run, 'install', 'serial.log'), '');
  }
  await writeFile(join(failed, 'events.ndjson'), '{"type":"build.failed","at":""}\n');
  await using run = await makeRunFolder(store.folder, { name: 'web', recipe: 'name: web\n' });
  t.same(await readdir(join(dead, 'install')), ['serial.log']);
  t.same((await readdir(join(failed, 'install'))).sort(), ['serial.log', 'unfinished'], 'a failure is evidence');
  t.same((await readdir(join(living, 'install'))).sort(), ['serial.log', 'unfinished'], 'a build that runs keeps all');
  t.same(await readdir(join(importing, 'install')), ['serial.log'], 'a killed import goes, too');
  await using same = await makeRunFolder(store.folder, { name: 'web', recipe: 'name: other\n' });
  t.not(same.folder, run.folder, 'two builds of one second and one process id');
  t.equal(await readFile(join(run.folder, 'recipe.yaml'), 'utf8'), 'name: web\n');
});

t.test('whoever talks without end is cut short, and said to be', async (t) => {
  await using folder = await temporaryFolder();
  const { engine, events } = await setUp(folder.path);
  const talker: Stage<string, null> = {
    name: 'talk',
    key: (text) => ({ text }),
    async run(_, { reporter }) {
      for (let nth = 0; nth < 60_000; nth++) reporter.line(`${nth} ${'x'.repeat(1000)}`);
      reporter.note('y'.repeat(1e6));
      return null;
    },
  };
  await engine.run(talker, 'x');
  const lines = events.flatMap((event) => (event.type === 'stage.line' ? [event.line] : []));
  t.ok(lines.reduce((sum, line) => sum + line.length, 0) < 20 * 2 ** 20, `${lines.length} lines`);
  t.match(lines.at(-1), /^59999 /, 'the last ones are there');
  const notes = events.flatMap((event) => (event.type === 'stage.note' ? [event.text] : []));
  t.match(notes, [/more output than is kept/, /^y+… \(the rest is left out\)$/, /^\d+ lines were left out$/]);
  t.equal(lines.length + Number(notes[2]?.split(' ')[0]), 60_000);
  t.equal(notes[1]?.length, 65_536 + '… (the rest is left out)'.length);
  t.equal(events.at(-1)?.type, 'stage.done', 'all is said before the stage ends');
});

t.test('interruption, fresh runs, redaction', async (t) => {
  await using folder = await temporaryFolder();
  const { stage, runs } = writer();
  const stopped = await setUp(folder.path, {
    signal: AbortSignal.abort(new IngotError('interrupted', 'by SIGINT', { hint: none('of a test') })),
  });
  await t.rejects(stopped.engine.run(stage, { text: 'one' }), { code: 'interrupted' });
  t.equal(runs(), 0);
  await (await setUp(folder.path)).engine.run(stage, { text: 'one' });
  await (await setUp(folder.path, { fresh: true })).engine.run(stage, { text: 'one' });
  t.equal(runs(), 2, 'a fresh run does not take the stored result');

  const talker: Stage<string, null> = {
    name: 'talk',
    key: (text) => ({ text }),
    async run(text, { reporter }) {
      reporter.line(text);
      reporter.note(text);
      throw new IngotError('test.failed', text, { detail: text, hint: none('of a test') });
    },
  };
  const { engine, events } = await setUp(folder.path);
  await t.rejects(engine.run(talker, 'password is hunter2'));
  t.notMatch(JSON.stringify(events), /hunter2/);
  t.match(JSON.stringify(events), /password is •••/);
});

t.test('keys', async (t) => {
  t.equal(canonicalJson({ b: [2, { d: 1, c: undefined }], a: 'ä' }), '{"a":"ä","b":[2,{"d":1}]}');
  await using folder = await temporaryFolder();
  const one = await openStore(join(folder.path, 'one'));
  const two = await openStore(join(folder.path, 'two'));
  const again = await openStore(join(folder.path, 'one'));
  t.equal(one.secretDigest('s'), again.secretDigest('s'));
  t.not(one.secretDigest('s'), two.secretDigest('s'), 'a digest tells nothing outside its store');
  t.equal(one.keyDigest('a', { x: 1, y: 2 }), one.keyDigest('a', { y: 2, x: 1 }));
  t.not(one.keyDigest('a', { x: 1 }), one.keyDigest('b', { x: 1 }));
  await writeFile(join(folder.path, 'file'), '');
  await t.rejects(openStore(join(folder.path, 'file', 'store')), { code: 'store.not-writable' });
});

t.test('a plan can stop after a stage, and goes on from there', async (t) => {
  await using folder = await temporaryFolder();
  const [one, two] = [writer('one'), writer('two')];
  const plan: Plan<string, Awaited<ReturnType<typeof one.stage.run>>> = (list) => {
    const first = list.stage(one.stage, (text) => ({ text }));
    return list.stage(two.stage, async () => ({ text: (await first()).file.sha256 }));
  };
  t.same(stageNames(plan), ['one', 'two']);
  const walk = async (until?: string) => walkPlan(plan, 'a', runningOn((await setUp(folder.path)).engine, until));
  t.equal(await walk('one'), undefined);
  t.same([one.runs(), two.runs()], [1, 0]);
  t.match(await walk(), { file: { size: 64 } });
  t.same([one.runs(), two.runs()], [1, 1]);
  t.equal(await walk('two'), undefined, 'what comes after its stages is not made either');
  const early: Plan<string, unknown> = (list) => {
    const asked: { later?: () => Promise<unknown> } = {};
    list.stage(one.stage, async (text) => ({ text: `${text} ${await asked.later?.()}` }));
    asked.later = list.stage(two.stage, (text) => ({ text }));
    return asked.later;
  };
  await t.rejects(walkPlan(early, 'a', runningOn((await setUp(folder.path)).engine)), { message: /has not run/ });
});

t.test('explain: what would run, and which input differs from the nearest result', async (t) => {
  await using folder = await temporaryFolder();
  const { engine, store } = await setUp(folder.path);
  const [one, two, three] = [writer('one'), writer('two'), writer('three')];
  const plan = (first: string, second: string) => (walker: Walker) =>
    walkPlan(
      (list) => {
        list.stage(one.stage, () => ({ text: first }));
        list.stage(two.stage, () => ({ text: second }));
        return list.stage(three.stage, () => ({ text: 'c' }));
      },
      undefined,
      walker,
    );
  const explain = (first: string, second: string) => explainBuild(store, ['one', 'two', 'three'], plan(first, second));
  t.match(await explain('a', 'b'), [{ state: 'new' }, { state: 'waits' }, { state: 'waits' }]);
  await plan('a', 'b')(runningOn(engine));
  t.match(await explain('a', 'b'), [{ state: 'cached' }, { state: 'cached' }, { state: 'cached' }]);
  t.match(await explain('a', 'B'), [
    { state: 'cached' },
    { stage: 'two', state: 'changed', changes: [{ place: 'text', before: 'b', now: 'B' }] },
    { stage: 'three', state: 'waits' },
  ]);
  const { file } = await engine.run(two.stage, { text: 'b' });
  await writeFile(file.path, 'longer than before');
  t.match(await explain('a', 'b'), [{}, { state: 'changed', changes: [] }, {}], 'a damaged result has no changes');
  t.same([one.runs(), two.runs(), three.runs()], [1, 1, 1], 'nothing ran');
  await t.rejects(
    explainBuild(store, [], () => Promise.reject(new Error('wrong'))),
    { message: 'wrong' },
  );
});

t.test('two versions of Ingot in one store do not take each other’s results', async (t) => {
  await using folder = await temporaryFolder();
  const { engine, store } = await setUp(folder.path);
  const { stage, runs } = writer();
  await engine.run(stage, { text: 'one' });
  const own = store.keyDigest('write', { text: 'one' });
  const at = (digest: string) => join(store.folder, 'stages', 'write', digest);
  const key = JSON.parse(await readFile(join(at(own), 'key.json'), 'utf8'));
  t.match(key, { text: 'one', ingot: /^\d+\.\d+\.\d+$/ });
  const other = { ...key, ingot: '0.0.1' };
  await rename(at(own), at(store.storedDigest('write', other)));
  await writeFile(join(at(store.storedDigest('write', other)), 'key.json'), JSON.stringify(other));
  const [found] = await explainBuild(store, ['write'], (walker) => walker.visit(stage, { text: 'one' }));
  t.match(found, { state: 'changed', changes: [{ place: 'ingot', before: '0.0.1', now: key.ingot }] });
  await engine.run(stage, { text: 'one' });
  t.equal(runs(), 2);
  t.same((await readdir(join(store.folder, 'stages', 'write'))).length, 2, 'the other one stays');
});

t.test('changes between keys', (t) => {
  const before = { a: 1, list: ['x', 'y'], deep: { same: true, gone: null } };
  const now = { a: 2, list: ['x'], deep: { same: true, come: { z: 1 } } };
  t.same(changesBetween(before, now), [
    { place: 'a', before: 1, now: 2 },
    { place: 'deep.come', before: undefined, now: { z: 1 } },
    { place: 'deep.gone', before: null, now: undefined },
    { place: 'list[1]', before: 'y', now: undefined },
  ]);
  t.same(changesBetween(now, now), []);
  t.end();
});
