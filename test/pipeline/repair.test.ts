import { createHmac } from 'node:crypto';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { canonicalJson } from '../../src/canonical-json.ts';
import { type FileRef, fileRef, sha256, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { createEngine } from '../../src/pipeline/engine.ts';
import { type BuildEvent, createEventBus } from '../../src/pipeline/events.ts';
import { partsOf } from '../../src/pipeline/parts.ts';
import { filesOf } from '../../src/pipeline/result-files.ts';
import { parseResult, resultText } from '../../src/pipeline/result-text.ts';
import type { Stage } from '../../src/pipeline/stage.ts';
import { openStore } from '../../src/pipeline/store.ts';
import { createVerifier } from '../../src/pipeline/verify-result.ts';
import { silentReporter } from '../../src/report.ts';
import { named } from '../../src/system-error.ts';

interface Text {
  readonly text: string;
}

interface Chain {
  readonly file: FileRef;
  /** A file of another result. */
  readonly base?: FileRef;
}

/** Two stages, the second of which reads the file of the first and takes its time. */
const chain = () => {
  const runs: string[] = [];
  const first: Stage<Text, Chain> = {
    name: 'first',
    key: ({ text }) => ({ text }),
    async run({ text }, { dir }) {
      runs.push('first');
      await writeFile(join(dir, 'file'), text);
      return { file: await fileRef(join(dir, 'file')) };
    },
  };
  const second: Stage<Chain & Text, Chain> = {
    name: 'second',
    key: ({ file, text }) => ({ file: file.sha256, text }),
    async run({ file, text }, { dir, signal }) {
      runs.push('second');
      await sleep(50, undefined, { signal }).catch(() => undefined);
      await writeFile(join(dir, 'file'), `${await readFile(file.path, 'utf8')} ${text}`);
      return { file: await fileRef(join(dir, 'file')), base: file };
    },
  };
  return { first, second, runs };
};

const setUp = async (folder: string, name = 'run') => {
  const store = await openStore(join(folder, 'store'));
  const events: BuildEvent[] = [];
  const bus = createEventBus();
  bus.subscribe((event) => events.push(event));
  const runFolder = join(folder, name);
  await mkdir(runFolder);
  const { signal } = new AbortController();
  return { store, events, engine: createEngine({ store, bus, runFolder, signal }), runFolder, signal };
};

const build = async (folder: string, name: string, text: string, { first, second }: ReturnType<typeof chain>) => {
  const { engine, events, runFolder } = await setUp(folder, name);
  const out = await engine.repairing(async () => {
    const made = await engine.run(first, { text: 'base' });
    return engine.run(second, { ...made, text });
  });
  const notes = events.flatMap((event) => (event.type === 'stage.note' ? [event.text] : []));
  return {
    out,
    notes,
    engine,
    runFolder,
    types: events.map(({ type, ...rest }) => ('stage' in rest ? `${type} ${rest.stage}` : type)),
  };
};

t.test('a damaged intermediate is noticed when a stage reads it, and made again', async (t) => {
  for (const damage of [
    (path: string) => writeFile(path, 'BASE'),
    (path: string) => rm(path),
    (path: string) => truncate(path, 1),
  ]) {
    await using folder = await temporaryFolder();
    const stages = chain();
    const { out } = await build(folder.path, 'run1', 'one', stages);
    t.equal(await readFile(out.file.path, 'utf8'), 'base one');
    await damage(out.base?.path ?? '');
    const second = await build(folder.path, 'run2', 'two', stages);
    t.equal(await readFile(second.out.file.path, 'utf8'), 'base two', 'made from what is right');
    t.equal(await readFile(second.out.base?.path ?? '', 'utf8'), 'base');
    t.same(
      second.engine.records.map(({ stage, cached }) => [stage, cached]),
      [
        ['first', false],
        ['second', false],
      ],
    );
    t.notOk(second.types.includes('stage.failed second'), 'nothing has failed');
    t.same(await readdir(join(second.runFolder, 'second')), [], 'and nothing is left of the first try');
  }
});

t.test('the same bytes flipped: said once, with the file', async (t) => {
  await using folder = await temporaryFolder();
  const stages = chain();
  const { out } = await build(folder.path, 'run1', 'one', stages);
  await writeFile(out.base?.path ?? '', 'bas3');
  const { notes } = await build(folder.path, 'run2', 'two', stages);
  t.equal(notes.length, 1);
  t.match(notes[0], /stored result of first was damaged: file is not what was stored .*made again/);
  t.same(stages.runs.filter((name) => name === 'first').length, 2);
});

t.test('an unchanged build does not read intermediates; what leaves the store is read', async (t) => {
  await using folder = await temporaryFolder();
  const stages = chain();
  const { out } = await build(folder.path, 'run1', 'one', stages);
  await writeFile(out.base?.path ?? '', 'bas3');
  const again = await build(folder.path, 'run2', 'one', stages);
  t.same(again.notes, []);
  await again.engine.verify([{ file: again.out.file }]);
  await writeFile(again.out.file.path, 'bAse one');
  const fresh = await build(folder.path, 'run3', 'one', stages);
  await t.rejects(fresh.engine.verify({ nested: [fresh.out.file] }), { code: 'store.damaged', where: out.file.path });
  t.notOk((await readdir(join(folder.path, 'store/stages/second'))).length, 'it is removed');
});

t.test('a record that is not what was written is noticed: the stage runs again', async (t) => {
  const damages: Readonly<Record<string, (text: string) => string>> = {
    'cut short': (text) => text.slice(0, text.length / 2),
    empty: () => '',
    'no JSON': () => 'x',
    'another digest': (text) => text.replace(/"sha256": "."/, '"sha256": "x"').replace(/(?<="size": )\d/, '9'),
    'JSON, and no record': () => 'null',
  };
  for (const [what, damage] of Object.entries(damages)) {
    await using folder = await temporaryFolder();
    const stages = chain();
    const { out } = await build(folder.path, 'run1', 'one', stages);
    const path = join(dirname(out.base?.path ?? ''), 'result.json');
    await writeFile(path, damage(await readFile(path, 'utf8')));
    const again = await build(folder.path, 'run2', 'one', stages);
    t.same(stages.runs, ['first', 'second', 'first'], what);
    t.match(again.notes, [
      /stored result of first was damaged: .*result\.json is not what was stored; it is made again/,
    ]);
    t.match(parseResult(await readFile(path, 'utf8')), { out: { file: { path: 'file' } } });
    // A key is there to explain; its loss takes nothing away.
    await writeFile(join(dirname(path), 'key.json'), '{');
    t.same((await build(folder.path, 'run3', 'one', stages)).notes, []);
    t.same(await (await openStore(join(folder.path, 'store'))).keys('first'), []);
  }
});

t.test('the key of a store is whole or made anew', async (t) => {
  await using folder = await temporaryFolder();
  const [one, two] = await Promise.all([openStore(folder.path), openStore(folder.path)]);
  t.equal(one.secretDigest('hunter2'), two.secretDigest('hunter2'), 'one key for two that begin at once');
  await writeFile(join(folder.path, 'secret.key'), '');
  const mended = await openStore(folder.path);
  t.not(mended.secretDigest('hunter2'), createHmac('sha256', '').update('hunter2').digest('hex'));
  t.equal(mended.secretDigest('x'), (await openStore(folder.path)).secretDigest('x'));
  t.same(
    (await readdir(folder.path)).filter((name) => name.startsWith('.')),
    [],
    'nothing is left beside it',
  );
});

const isRoot = process.getuid?.() === 0;

t.test(
  'a store on a full disk, and on one that is read-only',
  { skip: !isRoot && 'mounting needs root' },
  async (t) => {
    await using folder = await temporaryFolder();
    const place = join(folder.path, 'small');
    await mkdir(place);
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place], { allow: [0, 1, 32] });
    if (mounted.exitCode !== 0) return void t.pass('not tried', { skip: 'nothing can be mounted here' });
    try {
      const stages = chain();
      await build(place, 'run1', 'small', stages);
      const large = 'x'.repeat(300_000);
      const failed = await build(place, 'run2', large, stages).catch((error: unknown) => error);
      t.match(named(failed), { code: 'host.no-space', hint: /the same command goes on/ });
      t.same(
        await readdir(join(place, 'store', 'stages', 'second')),
        [await onlyResult(place)],
        'nothing half is there',
      );
      await run('mount', ['-o', 'remount,size=2m', place]);
      const { out, types } = await build(place, 'run3', large, stages);
      t.equal(await readFile(out.file.path, 'utf8'), `base ${large}`);
      t.same(types[0], 'stage.cached first', 'it goes on after what was done');
      await run('mount', ['-o', 'remount,ro', place]);
      await t.rejects(openStore(join(place, 'store')), { code: 'store.not-writable', where: join(place, 'store') });
    } finally {
      await run('umount', [place]);
    }
  },
);

/** The result of the small text. */
const onlyResult = async (place: string): Promise<string> => {
  const [name = ''] = await readdir(join(place, 'store', 'stages', 'second'));
  return name;
};

t.test('a stored result names files of another one relative to the store', async (t) => {
  await using folder = await temporaryFolder();
  const { out } = await build(folder.path, 'run1', 'one', chain());
  const text = await readFile(join(dirname(out.file.path), 'result.json'), 'utf8');
  t.match(text, /"@file": "\.\.\/\.\.\/first\/[0-9a-f]{64}\/file"/);
});

t.test('what only looks like a file is data: neither moved, nor looked for, nor verified', async (t) => {
  await using folder = await temporaryFolder();
  const { store, signal } = await setUp(folder.path);
  const work = join(folder.path, 'work');
  await mkdir(work);
  await writeFile(join(work, 'file'), 'one');
  const listed = { path: 'pool/a/a_1_amd64.deb', size: 1, sha256: '0'.repeat(64) };
  const odd = { '@files': 1, packages: [listed, { ...listed, path: join(store.folder, 'stages', 'x') }] };
  const out = { file: await fileRef(join(work, 'file')), ...odd };
  const digest = store.keyDigest('stage', {});
  const published = await store.publish('stage', digest, work, { key: {}, out, holdsSecrets: false });
  const stored = (await store.find('stage', digest))?.out;
  t.same(stored, published, 'found, though no package lies there');
  t.match(stored, odd);
  t.same(
    filesOf(stored).map(({ path }) => path),
    [join(store.entryFolder('stage', digest), 'file')],
  );
  await createVerifier(store).verify(stored, signal);

  t.throws(() => resultText({ '@file': 'x', size: 1, sha256: '' }), 'data that would be read as a file is not written');
  const forged = { '@file': 1, size: 'many' };
  t.same(parseResult(JSON.stringify({ out: forged, sha256: sha256(canonicalJson(forged)) })), { out: forged });
});

t.test('parts: found when they are whole, never replaced, removed when they are damaged', async (t) => {
  await using folder = await temporaryFolder();
  const { store, signal } = await setUp(folder.path);
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const parts = partsOf({ store, reporter, signal });
  const make = async (name: string, text: string) => {
    const path = join(folder.path, name);
    await mkdir(path);
    await writeFile(join(path, 'memory'), text);
    return parts.publish('checkpoint', { steps: [] }, path, { memory: await fileRef(join(path, 'memory')) });
  };
  t.equal(await parts.find('checkpoint', { steps: [] }), undefined);
  t.ok(await make('one', 'state'));
  t.equal(await make('two', 'other'), undefined, 'the first one stays');
  t.notOk((await readdir(folder.path)).includes('two'), 'the folder of the second is gone');
  const found = (await parts.find('checkpoint', { steps: [] })) as { memory: FileRef };
  t.equal(await readFile(found.memory.path, 'utf8'), 'state');
  await truncate(found.memory.path, 3);
  t.equal(await parts.find('checkpoint', { steps: [] }), undefined);
  t.match(notes, [/a stored checkpoint is damaged and was removed: .*has 3 bytes instead of 5/]);
  t.ok(await make('three', 'state'), 'room for a new one');
  await parts.remove('checkpoint', { steps: [] });
  t.equal(await parts.find('checkpoint', { steps: [] }), undefined);
});
