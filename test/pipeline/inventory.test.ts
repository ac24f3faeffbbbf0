import { mkdir, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { damageOf, listEntries, type StoredEntry, toPrune } from '../../src/pipeline/inventory.ts';
import { findRun, listRuns } from '../../src/pipeline/runs.ts';
import { openStore, readEntry, type Store } from '../../src/pipeline/store.ts';
import { createVerifier } from '../../src/pipeline/verify-result.ts';

const DAY = 86_400_000;
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const cli = (store: string, ...args: string[]) =>
  run(process.execPath, [MAIN, 'store', ...args, '--store', store], { allow: [0, 1, 2] });

/** A result of `stage` with one file of `size` bytes, last used so many days ago. */
const put = async (store: Store, stage: string, text: string, days: number): Promise<string> => {
  const work = join(store.folder, 'runs', 'x', stage);
  await mkdir(work, { recursive: true });
  await writeFile(join(work, 'file'), text);
  const digest = store.keyDigest(stage, { text });
  await store.publish(stage, digest, work, {
    key: { text },
    out: { file: await fileRef(join(work, 'file')) },
    holdsSecrets: stage === 'install',
  });
  const time = new Date(Date.now() - days * DAY);
  await utimes(join(store.folder, 'stages', stage, digest, 'key.json'), time, time);
  return digest;
};

t.test('list, damage, prune', async (t) => {
  await using folder = await temporaryFolder();
  const store = await openStore(join(folder.path, 'store'));
  const old = await put(store, 'install', 'a'.repeat(100_000), 40);
  const young = await put(store, 'install', 'b', 1);
  const image = await put(store, 'capture', 'c', 2);
  const entries = await listEntries(store.folder);
  t.same(
    entries.map(({ digest }) => digest),
    [young, image, old],
    'those used last first',
  );
  t.ok((entries.at(-1)?.size ?? 0) >= 100_000);
  for (const entry of entries) t.same(await damageOf(entry), []);

  await store.find('install', old);
  t.equal((await listEntries(store.folder))[0]?.digest, old, 'finding a result uses it');
  t.match(await store.keys('install'), [{ key: { text: /^[ab]/ } }, {}]);

  const path = join(store.folder, 'stages', 'install', old, 'file');
  await writeFile(path, 'A'.repeat(100_000));
  t.match(await damageOf({ ...entries[2], folder: join(store.folder, 'stages', 'install', old) } as StoredEntry), [
    /has another content/,
  ]);
  await truncate(path, 5);
  const verified = await cli(store.folder, 'verify');
  t.match(verified, { exitCode: 1, stdout: /has 5 bytes instead of 100000\n3 results, 1 damaged/ });
  t.match(verified.stderr, /store\.damaged[\s\S]*verify --remove/);
  t.match(await cli(store.folder, 'verify', '--remove'), { exitCode: 0, stdout: /1 damaged and removed/ });
  t.match(await cli(store.folder, 'verify'), { exitCode: 0, stdout: /^2 results, 0 damaged/ });
  t.match(await cli(store.folder, 'show', young.slice(0, 10)), { exitCode: 0, stdout: /"text": "b"/ });
  t.match(await cli(store.folder, 'show', 'zz'), { exitCode: 2, stderr: /0 results begin with zz/ });

  const unfinished = join(store.folder, 'runs', 'failed', 'install', 'unfinished');
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, 'disk.qcow2'), 'x'.repeat(5000));
  t.match(await cli(store.folder, 'list'), { stdout: /capture[\s\S]*in 2 results/ });
  t.match(await cli(store.folder, 'prune'), { exitCode: 2, stderr: /--keep-last/ });
  t.match(await cli(store.folder, 'prune', '--max-size', 'lots'), { exitCode: 2 });
  t.match(await cli(store.folder, 'prune', '--keep-last', '0', '--dry-run'), { stdout: /would remove 2 results/ });
  {
    await using _build = await store.inUse(new AbortController().signal);
    const busy = await cli(store.folder, 'prune', '--keep-last', '0');
    t.match(busy, { exitCode: 1, stderr: /host\.busy/ }, 'nothing is removed under a running build');
    await using _other = await store.inUse(new AbortController().signal);
  }
  const named = (await store.find('install', young))?.out as { file: { sha256: string } };
  const packages = [named.file.sha256, 'f'.repeat(64)].map((name) =>
    join(store.shared('packages'), name.slice(0, 2), name),
  );
  for (const path of packages) await mkdir(dirname(path), { recursive: true });
  for (const path of packages) await writeFile(path, 'package');
  await writeFile(join(store.shared('isos'), `${'e'.repeat(64)}.iso`), 'iso');
  await writeFile(join(store.shared('images'), `${'f'.repeat(128)}.image`), 'image');
  const pruned = await cli(store.folder, 'prune', '--older-than', '2d');
  t.match(pruned, { exitCode: 0, stdout: /removed 1 results, 3 packages, ISOs and images and 1 unfinished/ });
  t.same(await readdir(store.shared('isos')), []);
  t.same(await readdir(store.shared('images')), []);
  t.same(
    await Promise.all(packages.map((path) => stat(path).then(Boolean, () => false))),
    [true, false],
    'packages that no result names are gone',
  );
  t.same(await readdir(join(store.folder, 'stages', 'capture')), []);
  t.same(await readdir(join(store.folder, 'runs', 'failed', 'install')), []);
  t.match(await store.find('install', young), { out: { file: {} } }, 'what stays is whole');
});

// A link to itself and a folder in a file's place cannot be read by root either, who may read everything.
t.test('what cannot be read is told by name, and neither taken for missing nor removed', async (t) => {
  await using folder = await temporaryFolder();
  const store = await openStore(join(folder.path, 'store'));
  const { signal } = new AbortController();
  const digest = await put(store, 'install', 'a', 1);
  const stored = await store.find('install', digest);
  const entry = store.entryFolder('install', digest);
  const instead = async (path: string, make: (path: string) => Promise<unknown>) => {
    await rm(path, { recursive: true });
    await make(path);
  };
  const loop = (path: string) => symlink(path.split('/').at(-1) ?? '', path);
  const isLoop = { code: 'host.link-loop', where: String, hint: /namei/ };

  t.equal(await store.find('install', '0'.repeat(64)), undefined, 'what is not there is no error');
  t.same(await store.keys('none'), []);
  t.same(await listRuns(join(folder.path, 'no-store')), []);

  await instead(join(entry, 'file'), loop);
  await t.rejects(store.find('install', digest), isLoop);
  t.match(
    await damageOf({ folder: entry }),
    [/instead of 1$/],
    'a link in place of a file is damage, looked at by itself',
  );
  await t.rejects(createVerifier(store).verify(stored?.out, signal), isLoop);
  t.same((await readdir(entry)).sort(), ['file', 'holds-secrets', 'key.json', 'result.json'], 'nothing is removed');

  await instead(join(entry, 'result.json'), mkdir);
  await t.rejects(readEntry(entry), { code: 'host.is-a-folder', hint: /namei/ });
  await t.rejects(damageOf({ folder: entry }), { code: 'host.is-a-folder' });

  await instead(join(store.folder, 'stages', 'install'), loop);
  await t.rejects(store.find('install', digest), isLoop);
  await t.rejects(store.keys('install'), isLoop);
  await t.rejects(listEntries(store.folder), isLoop);
  t.match(await cli(store.folder, 'list'), {
    exitCode: 1,
    stderr: /host\.link-loop[\s\S]*stages\/install[\s\S]*next: /,
  });

  await instead(join(store.folder, 'runs'), loop);
  await t.rejects(findRun(store.folder, undefined), isLoop);
});

t.test('what the rules keep', (t) => {
  const now = 100 * DAY;
  const entry = (stage: string, digest: string, days: number, size: number): StoredEntry => ({
    ...{ stage, digest, size, folder: digest },
    ...{ holdsSecrets: false, made: 0, used: now - days * DAY },
  });
  const entries = [entry('a', '1', 0, 10), entry('b', '2', 1, 20), entry('a', '3', 5, 30), entry('a', '4', 9, 5)];
  const gone = (rules: Parameters<typeof toPrune>[1]) => toPrune(entries, rules, now).map(({ digest }) => digest);
  t.same(gone({}), []);
  t.same(gone({ keepLast: 1 }), ['3', '4']);
  t.same(gone({ keepLast: 2 }), ['4']);
  t.same(gone({ olderThan: 4 * DAY }), ['3', '4']);
  t.same(gone({ maxSize: 36 }), ['3'], 'a smaller one may still fit');
  t.same(gone({ maxSize: 0 }), ['1', '2', '3', '4']);
  t.same(gone({ keepLast: 1, olderThan: 0.5 * DAY }), ['2', '3', '4']);
  t.end();
});
