import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { relocate } from '../../src/pipeline/result-files.ts';
import { parseResult, resultText } from '../../src/pipeline/result-text.ts';
import { openStore, type Store } from '../../src/pipeline/store.ts';
import { captureStage } from '../../src/stages/capture/capture-stage.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const cli = (store: Store, ...args: string[]) =>
  run(process.execPath, [MAIN, 'store', ...args, '--store', store.folder], { allow: [0, 1, 2] });

const put = async (store: Store, stage: string, text: string, more: object = {}, holdsSecrets = false) => {
  const work = join(store.folder, 'runs', 'x', stage);
  await mkdir(work, { recursive: true });
  await writeFile(join(work, 'file'), text);
  const key = { stage, text };
  const digest = store.keyDigest(stage, key);
  const out = { file: await fileRef(join(work, 'file')), ...more };
  await store.publish(stage, digest, work, { key, out, holdsSecrets });
  return digest;
};

t.test('results go from one store to another', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const [here, there] = [await openStore(at('here')), await openStore(at('there'))];
  const assembled = await put(here, 'assemble', 'medium');
  const installed = await put(here, 'install', 'root:$y$hash', {}, true);
  const base = await fileRef(join(here.entryFolder('install', installed), 'file'));
  const configured = await put(here, 'configure', 'overlay', { base }, true);
  t.ok(captureStage.holdsSecrets, 'a captured disk has the password hashes');
  // As it was stored before.
  await put(here, 'capture', 'root:$y$hash in /etc/shadow');
  const fetched = await put(here, 'fetch', 'x', { iso: await fileRef(join(here.folder, 'secret.key')) });

  const some = await cli(here, 'export', at('some.tar'));
  t.match(some, { exitCode: 0, stdout: /some\.tar: 1 results, .*sha256 [0-9a-f]{64}/ });
  t.match(some.stdout, /left out: 3 results that can hold secrets; --with-secrets/);
  t.match(some.stdout, new RegExp(`left out: fetch ${fetched.slice(0, 12)} rests on .*outside of the store`));
  t.match(some.stdout, (await fileRef(at('some.tar'))).sha256);
  t.notMatch((await run('tar', ['-tf', at('some.tar')])).stdout, /install|configure|capture|secret\.key/);

  t.match(await cli(here, 'export', at('no.tar'), configured.slice(0, 9)), {
    exitCode: 1,
    stderr: /store\.holds-secrets[\s\S]*install[\s\S]*--with-secrets/,
  });
  t.match(await cli(here, 'export', at('no.tar'), 'zz'), { exitCode: 2, stderr: /0 results begin with zz/ });
  t.match(await cli(here, 'export', at('nowhere/no.tar')), { exitCode: 1, stderr: /nowhere/ });
  t.match(await cli(here, 'export', at('all.tar'), configured, '--with-secrets'), {
    exitCode: 0,
    stdout: /: 2 results/,
  });
  t.same((await readdir(folder.path)).sort(), ['all.tar', 'here', 'some.tar', 'there'], 'nothing is left of a refusal');

  t.match(await cli(there, 'import', at('some.tar')), {
    exitCode: 0,
    stdout: /assemble[\s\S]*1 results imported, 0 were/,
  });
  t.match(await there.find('assemble', assembled), { out: { file: {} } });
  t.match(await cli(there, 'import', at('all.tar')), { exitCode: 0, stdout: /2 results imported/ });
  t.match(await cli(there, 'import', at('all.tar')), {
    exitCode: 0,
    stdout: /0 results imported, 2 were there already/,
  });
  const found = (await there.find('configure', configured))?.out;
  t.match(
    found,
    { base: { path: join(there.entryFolder('install', installed), 'file') } },
    'what it rests on has moved',
  );
  t.match(await cli(there, 'list'), { stdout: /install .*can hold secrets/ });
  t.match(await cli(there, 'verify'), { exitCode: 0, stdout: /^3 results, 0 damaged/ });
  t.same(await readdir(join(there.folder, 'runs')), [], 'nothing is left of the import');
});

/** An archive by hand (POSIX ustar, pax(1)): names and types that tar would not write. */
const entry = (name: string, { type = '0', content = '', link = '', mode = 0o644 } = {}): Buffer => {
  const head = Buffer.alloc(512);
  head.write(name, 0, 100);
  const octal = (value: number, at: number, length: number) =>
    head.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(Buffer.byteLength(content), 124, 12);
  octal(0, 136, 12);
  head.write('        ', 148);
  head.write(type, 156);
  head.write(link, 157, 100);
  head.write('ustar\0' + '00', 257, 'latin1');
  octal(
    head.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([head, body]);
};

t.test('an archive that is made to leave its folder takes nothing along and leaves nothing', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const there = await openStore(at('there'));
  await writeFile(at('victim'), 'precious');
  const digest = 'a'.repeat(64);
  const inside = `stages/assemble/${digest}`;
  const cases: Readonly<Record<string, readonly Buffer[]>> = {
    'a name that goes up': [entry('../../../../victim', { content: 'taken' })],
    'a name that goes up inside': [entry(`${inside}/../../../../../victim`, { content: 'taken' })],
    'an absolute name': [entry(at('victim'), { content: 'taken' })],
    'a link out, and a file through it': [
      entry('stages/', { type: '5' }),
      entry('stages/assemble', { type: '2', link: folder.path }),
      entry('stages/assemble/victim', { content: 'taken' }),
    ],
    'a hard link to a file of the host': [entry(`${inside}/file`, { type: '1', link: at('victim') })],
    'a hard link, and what is written through it': [
      entry(`${inside}/file`, { type: '1', link: at('victim') }),
      entry(`${inside}/file`, { content: 'taken' }),
    ],
    'a pipe': [entry(`${inside}/pipe`, { type: '6' })],
    'a device': [entry(`${inside}/device`, { type: '3' })],
    'a file for a folder': [entry('stages', { content: 'x' })],
    'a stage that goes up': [entry(`stages/../${digest}/file`, { content: 'x' })],
    'a digest that is none': [entry('stages/assemble/../../runs/x', { content: 'x' })],
    'a program of root': [entry(`${inside}/setuid`, { content: 'x', mode: 0o4755 })],
    nothing: [],
    'the lock folder': [entry('locks/users', { content: 'x' })],
    'the key of the store': [entry('secret.key', { content: 'x'.repeat(32) })],
  };
  const key = await readFile(join(there.folder, 'secret.key'));
  for (const [what, entries] of Object.entries(cases)) {
    await writeFile(at('bad.tar'), Buffer.concat([...entries, Buffer.alloc(1024)]));
    t.match(
      await cli(there, 'import', at('bad.tar')),
      { exitCode: 1, stderr: /\[store\.(not-an-export|damaged)\]/ },
      what,
    );
    t.equal(await readFile(at('victim'), 'utf8'), 'precious', what);
    t.same(await readdir(join(there.folder, 'stages')), [], what);
    t.same(await readdir(join(there.folder, 'runs')), [], what);
    t.ok((await readFile(join(there.folder, 'secret.key'))).equals(key), what);
    t.same((await readdir(folder.path)).sort(), ['bad.tar', 'there', 'victim'], what);
  }
});

t.test('an import that finds no room says so', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const [here, there] = [await openStore(at('here')), await openStore(at('there'))];
  await put(here, 'assemble', 'one');
  await cli(here, 'export', at('x.tar'));
  await mkdir(at('bin'));
  await writeFile(at('bin/tar'), '#!/bin/sh\necho "tar: x: Cannot write: No space left on device" >&2\nexit 2\n', {
    mode: 0o755,
  });
  const result = await run(process.execPath, [MAIN, 'store', 'import', at('x.tar'), '--store', there.folder], {
    allow: [0, 1],
    env: { PATH: `${at('bin')}:${process.env['PATH']}` },
  });
  t.match(result, { exitCode: 1, stderr: /no room for what is in the export {2}\[host\.no-space\]/ });
  t.same(await readdir(join(there.folder, 'runs')), []);
});

t.test('what is no whole export is refused, and nothing of it taken', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const [here, there] = [await openStore(at('here')), await openStore(at('there'))];
  const one = await put(here, 'assemble', 'one');
  const two = await put(here, 'unpack', 'two', {
    base: await fileRef(join(here.entryFolder('assemble', one), 'file')),
  });
  t.match(await cli(here, 'export', at('good.tar')), { exitCode: 0 });

  const refused = async (what: string, code: RegExp, change: (tree: string) => Promise<unknown>) => {
    const tree = at('tree');
    await rm(tree, { recursive: true, force: true });
    await mkdir(tree);
    await run('tar', ['-xf', at('good.tar'), '-C', tree]);
    await change(tree);
    await run('tar', ['-cf', at('bad.tar'), '-C', tree, ...(await readdir(tree))]);
    const result = await cli(there, 'import', at('bad.tar'));
    t.match(result, { exitCode: 1, stderr: code }, what);
    t.same(await readdir(join(there.folder, 'stages')), [], `${what}: nothing is taken`);
    t.same(await readdir(join(there.folder, 'runs')), []);
  };
  const file = (tree: string, name: string) => join(tree, 'stages', 'assemble', one, name);
  await refused('another content', /damaged: file: has another content/, (tree) =>
    writeFile(file(tree, 'file'), 'ONE'),
  );
  await refused('a key that is not its name', /not what its name says/, (tree) =>
    writeFile(file(tree, 'key.json'), '{}'),
  );
  await refused('no key', /not what its name says/, (tree) => rm(file(tree, 'key.json')));
  await refused('another name', /not what its name says/, (tree) =>
    rename(join(tree, 'stages', 'assemble', one), join(tree, 'stages', 'assemble', 'f'.repeat(64))),
  );
  await refused('a symbolic link', /store\.not-an-export/, (tree) => symlink('/etc/passwd', file(tree, 'link')));
  await refused('a stranger', /store\.not-an-export[\s\S]*evil/, (tree) => writeFile(join(tree, 'evil'), ''));
  await refused('what it rests on', /rests on .*neither in it nor/, (tree) =>
    rm(join(tree, 'stages', 'assemble'), { recursive: true }),
  );
  await refused('a file of the host', /rests on \/etc\/hostname, outside/, async (tree) => {
    const path = file(tree, 'result.json');
    const stored = parseResult(await readFile(path, 'utf8'));
    await writeFile(path, resultText(relocate(stored?.out, () => '/etc/hostname')));
  });

  await writeFile(at('text.tar'), 'no archive');
  t.match(await cli(there, 'import', at('text.tar')), { exitCode: 1, stderr: /store\.not-an-export/ });
  t.match(await cli(there, 'import', at('none.tar')), { exitCode: 1, stderr: /store\.not-an-export/ });
  await writeFile(join(here.entryFolder('unpack', two), 'file'), 'TWO');
  t.match(await cli(here, 'export', at('no.tar')), { exitCode: 1, stderr: /store\.damaged[\s\S]*unpack/ });
  await t.rejects(stat(at('no.tar')));
});
