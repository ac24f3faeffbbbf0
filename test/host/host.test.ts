import { spawn } from 'node:child_process';
import { existsSync, renameSync, symlinkSync } from 'node:fs';
import {
  chown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { commandLine, minimalEnvironment } from '../../src/host/command-line.ts';
import { fileRef, publish, requireSpace, temporaryFolder, writeFileWhole } from '../../src/host/files.ts';
import { makeFolders } from '../../src/host/folders.ts';
import { ifThere, isThere } from '../../src/host/if-there.ts';
import { knownDigest } from '../../src/host/known-digest.ts';
import { lineSplitter } from '../../src/host/lines.ts';
import { acquireLock } from '../../src/host/lock.ts';
import { run, startLongLived } from '../../src/host/run.ts';
import { fileWithSparseDigest, sparseDigest } from '../../src/host/sparse-digest.ts';
import { hostPackages, isInstalled, toolVersion } from '../../src/host/tools.ts';

const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

t.test('run', async (t) => {
  const { stdout, stderr, exitCode } = await run('sh', ['-c', 'cat; echo err >&2'], { input: 'given' });
  t.same({ stdout, stderr, exitCode }, { stdout: 'given', stderr: 'err', exitCode: 0 });
  t.equal((await run('cat', [])).stdout, '', 'stdin is closed');
  t.equal((await run('sh', ['-c', 'exit 3'], { allow: [0, 3] })).exitCode, 3);

  await t.rejects(run('no-such-command', []), { code: 'host.tool-missing' });
  await t.rejects(run('sh', ['-c', 'echo why >&2; exit 4']), {
    code: 'host.command-failed',
    message: /status 4/,
    detail: /\$ sh -c 'echo why >&2; exit 4'\nwhy/,
  });
  await t.rejects(run('/etc/passwd', []), {
    code: 'host.command-failed',
    message: /could not be started: .*EACCES/,
  });
  await t.rejects(run('ls', [], { cwd: '/nowhere' }), { code: 'host.command-failed', message: /started: .*\/nowhere/ });
  await t.rejects(run('sleep', ['20'], { timeout: 50 }), { code: 'host.command-timeout' });
  await t.rejects(run('sleep', ['20'], { signal: AbortSignal.timeout(50) }), { code: 'interrupted' });

  const lines: string[] = [];
  await run('sh', ['-c', 'printf "10%%\\r20%%\\rdone\\nlast"'], { onLine: (line) => lines.push(line) });
  t.same(lines, ['10%', '20%', 'done', 'last'], 'a carriage return ends a line of a progress meter');
});

t.test('a command that talks without end', async (t) => {
  const much = 'head -c 100000000 /dev/zero | tr "\\0" "x"; echo; echo end';
  await t.rejects(run('sh', ['-c', much]), { code: 'host.command-failed', message: /wrote more than 64 MiB/ });
  const lines: string[] = [];
  const options = { keepsEnd: true, onLine: (line: string) => void lines.push(line) };
  t.match(await run('sh', ['-c', much], options), { stdout: '', exitCode: 0 });
  t.same(
    lines.map(({ length }) => length),
    [65_536, 3],
  );
  await t.rejects(run('sh', ['-c', `${much}; exit 3`], options), { message: /status 3/, detail: /\nx+\nend$/ });
});

t.test('the environment of children is minimal and speaks C.UTF-8', async (t) => {
  process.env['INGOT_TEST_LEAK'] = 'secret';
  const environment = minimalEnvironment({ ADDED: '1' });
  t.match(environment, { LANG: 'C.UTF-8', TZ: 'UTC', ADDED: '1', PATH: String });
  t.notOk('INGOT_TEST_LEAK' in environment);
  t.notMatch((await run('env', [])).stdout, /INGOT_TEST_LEAK/);
});

t.test('command lines can be pasted', async (t) => {
  const words = ['plain', 'two words', "it's", '$HOME', '', 'a,b=c:d'];
  const shown = commandLine('printf', ['%s\\n', ...words]);
  t.equal((await run('sh', ['-c', shown])).stdout, words.join('\n'));
});

t.test('lines are found across chunks', async (t) => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of ['a', 'b\nc\r', '\nd\n\ne']) splitter.push(chunk);
  splitter.end();
  t.same(lines, ['ab', 'c', 'd', 'e']);
  const limits = { longest: 4 };
  for (const [goesOn, expected] of [
    [false, ['abcd', 'x', 'abcd', 'y']],
    [true, ['abcd', 'efgh', 'ij', 'x', 'abcd', 'y']],
  ] as const) {
    const found: string[] = [];
    const cutter = lineSplitter((line) => found.push(line), { ...limits, goesOn });
    for (const chunk of ['ab', 'cdefghi', 'j\nx\n', 'abcd\ny']) cutter.push(chunk);
    cutter.end();
    t.same(found, expected, goesOn ? 'the rest of a long line follows' : 'the rest of a long line is left out');
  }
});

const dies = async (t: Test, start: string): Promise<void> => {
  await using folder = await temporaryFolder();
  const script = `
    import { run, startLongLived } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/run.ts'))};
    ${start}
    setInterval(() => {}, 1000);`;
  await writeFile(join(folder.path, 'parent.mjs'), script);
  const parent = spawn(process.execPath, [join(folder.path, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
  await until(async () => (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'sleep\n', 'setpriv to become sleep');
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the child to die');
  t.notOk(isAlive(pid));
};

t.test('a long-lived child dies with a parent that is killed with -9', (t) =>
  dies(t, "console.log(startLongLived('sleep', ['300']).pid);"),
);

t.test('a long-lived child is as nice as its parent among all processes of the host', async (t) => {
  const group = await ifThere(readFile('/proc/self/autogroup', 'utf8'));
  if (group === undefined) return void t.pass('its group is', { skip: 'this kernel has no autogroups' });
  const script = `
    import { setPriority } from 'node:os';
    import { startLongLived } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/run.ts'))};
    setPriority(7);
    console.log(startLongLived('sleep', ['300']).pid);
    setInterval(() => {}, 1000);`;
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'parent.mjs'), script);
  const parent = spawn(process.execPath, [join(folder.path, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
  t.match(await readFile(`/proc/${pid}/autogroup`, 'utf8'), / nice 7\n$/);
  parent.kill('SIGKILL');
});

t.test('so does what reads foreign data, which gets only so much memory', async (t) => {
  const shell = "['-c', 'echo $$; exec sleep 300'], { memory: 2 ** 30, onLine: (line) => console.log(line) }";
  await dies(t, `run('sh', ${shell});`);
  const limit = await run('sh', ['-c', 'ulimit -v'], { memory: 2 ** 30 });
  t.equal(limit.stdout, String(2 ** 20));
  for (const limits of [{ memory: 2 ** 30 }, { fileSize: 2 ** 20 }])
    await t.rejects(run('/no/such/program', [], limits), { code: 'host.tool-missing' });
  await using folder = await temporaryFolder();
  const outputFile = join(folder.path, 'zeros');
  await t.rejects(run('head', ['-c', '9999', '/dev/zero'], { fileSize: 5000, outputFile }), {
    code: 'host.command-failed',
    message: /SIGXFSZ/,
  });
  t.equal((await stat(outputFile)).size, 5000);
});

t.test('a long-lived child that cannot start says so by its end', async (t) => {
  const child = startLongLived('/no/such/program', []);
  t.match(await child.ended, { exitCode: 127, output: /no\/such\/program/ });
});

t.test('a lock excludes, waits, and is given back by a kill -9', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'locks', 'one');
  {
    await using _held = await acquireLock(path, { purpose: 'the output folder' });
    await t.rejects(acquireLock(path, { purpose: 'the output folder' }), {
      code: 'host.busy',
      message: new RegExp(`the output folder is in use by another build \\(process ${process.pid}\\)`),
    });
    await t.rejects(acquireLock(path, { purpose: 'x', wait: true, signal: AbortSignal.timeout(100) }), {
      code: 'interrupted',
    });
  }
  const waited = acquireLock(path, { purpose: 'the output folder', wait: true });
  await (await waited)[Symbol.asyncDispose]();

  const script = `
    import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, '../../src/host/lock.ts'))};
    await acquireLock(${JSON.stringify(path)}, { purpose: 'x' });
    console.log('held');
    setInterval(() => {}, 1000);`;
  await writeFile(join(folder.path, 'holder.mjs'), script);
  const holder = spawn(process.execPath, [join(folder.path, 'holder.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  await t.rejects(acquireLock(path, { purpose: 'x' }), { code: 'host.busy' });
  holder.kill('SIGKILL');
  await (await acquireLock(path, { purpose: 'x', wait: true }))[Symbol.asyncDispose]();

  // Each takes it, looks that nobody else has it, and removes its file: none may hold one that is gone already.
  const brief = `${path}.brief`;
  let holders = 0;
  let most = 0;
  const hold = async () => {
    await using _ = await acquireLock(brief, { purpose: 'x', wait: true, isTemporary: true });
    holders += 1;
    most = Math.max(most, holders);
    await new Promise((done) => setTimeout(done, 5));
    holders -= 1;
  };
  await Promise.all(Array.from({ length: 12 }, hold));
  t.equal(most, 1, 'one at a time');
  await t.rejects(stat(brief), { code: 'ENOENT' }, 'and no file is left');
});

t.test('only folders that a dead process of this user has left are removed', async (t) => {
  await using parent = await temporaryFolder();
  const path = (name: string) => join(parent.path, name);
  const keep = path('keep');
  await mkdir(keep);
  const fill = async (name: string) => {
    await mkdir(path(name));
    for (let nth = 0; nth < 300; nth++) await writeFile(join(path(name), `${nth}`), '');
  };
  const makeOne = async () => void (await (await temporaryFolder('x-', parent.path))[Symbol.asyncDispose]());

  // Its first file is gone: a link takes its place, as somebody does who waits for root's Ingot.
  await fill('x-99999999-swappd');
  await fill('keep/inside');
  const swapping = (async () => {
    while (existsSync(join(path('x-99999999-swappd'), '0'))) await new Promise((done) => setImmediate(done));
    renameSync(path('x-99999999-swappd'), path('away'));
    symlinkSync(join(keep, 'inside'), path('x-99999999-swappd'));
  })();
  await Promise.all([makeOne(), swapping]);
  t.equal((await readdir(join(keep, 'inside'))).length, 300, 'what is swapped in meanwhile is not followed');

  await symlink(keep, path('x-99999999-linked'));
  await fill('x-99999999-left00');
  await mkdir(join(path('x-99999999-left00'), 'deep', 'er'), { recursive: true });
  await symlink(keep, join(path('x-99999999-left00'), 'deep', 'link'));
  await mkdir(path('x-99999999-others'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(path('x-99999999-others'), 12345, 12345);
  // In another PID namespace the holder's number means nothing here.
  await using held = await temporaryFolder('x-', parent.path);
  await rename(held.path, path('x-99999999-living'));
  await makeOne();
  const left = (await readdir(parent.path)).filter((name) => name.startsWith('x-'));
  const others = isRoot ? ['x-99999999-others'] : [];
  t.same(left.sort(), ['x-99999999-linked', 'x-99999999-living', ...others, 'x-99999999-swappd']);
  t.equal((await readdir(join(keep, 'inside'))).length, 300, 'links are not followed');
});

t.test('what only looks like a lock is not written to', async (t) => {
  await using folder = await temporaryFolder();
  const [victim, lock] = [join(folder.path, 'victim'), join(folder.path, '.name.lock')];
  await writeFile(victim, 'precious');
  const looks: Readonly<Record<string, () => Promise<unknown>>> = {
    'a link': () => symlink(victim, lock),
    'a link to nothing': () => symlink(join(folder.path, 'new'), lock),
    'a folder': () => mkdir(lock),
    'a pipe': () => run('mkfifo', [lock]),
  };
  for (const [what, make] of Object.entries(looks)) {
    await make();
    await t.rejects(acquireLock(lock, { purpose: 'x' }), { code: 'host.lock-failed', hint: /link/ }, what);
    await rm(lock, { recursive: true });
  }
  await t.rejects(
    acquireLock('/sys/.name.lock', { purpose: 'x' }),
    { code: 'host.not-allowed' },
    'no fault of the lock',
  );
  await link(victim, lock);
  await (await acquireLock(lock, { purpose: 'x', isTemporary: true }))[Symbol.asyncDispose]();
  t.equal(await readFile(victim, 'utf8'), 'precious');
  t.same(await readdir(folder.path), ['victim']);
});

t.test('files appear whole', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'deep', 'file');
  await writeFileWhole(path, 'abc', 0o600);
  t.match(await fileRef(path), { size: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' });
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.same(await readdir(join(folder.path, 'deep')), ['file'], 'no temporary file is left');

  await mkdir(join(folder.path, 'tree'));
  await writeFile(join(folder.path, 'tree', 'x'), 'x');
  await publish(join(folder.path, 'tree'), join(folder.path, 'final'));
  t.same(await readdir(join(folder.path, 'final')), ['x']);
  await t.rejects(writeFileWhole(join(path, 'below-a-file'), 'x'), { code: 'host.not-a-folder' });
  await t.rejects(requireSpace(folder.path, 2 ** 60, 'the disk image'), {
    code: 'host.no-space',
    message: /the disk image needs/,
  });
});

t.test('the digest of a sparse file is that of its data', async (t) => {
  await using folder = await temporaryFolder();
  const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')];
  const size = 40 * 2 ** 20 + 100;
  const write = async (path: string, parts: Readonly<Record<number, string>>) => {
    await writeFile(path, '');
    await truncate(path, size);
    await using handle = await open(path, 'r+');
    for (const [at, text] of Object.entries(parts)) await handle.write(text, Number(at));
  };
  const data = { 0: 'begin', [5 * 2 ** 20 + 17]: 'x'.repeat(10_000), [size - 3]: 'end' };
  await write(one, data);
  const digest = await sparseDigest(one);
  await run('cp', ['--sparse=never', one, two]);
  t.ok((await stat(two)).blocks > 1000 + (await stat(one)).blocks, 'the copy has no holes');
  t.equal(await sparseDigest(two), digest, 'what is a hole makes no difference');
  const others: Readonly<Record<string, Readonly<Record<number, string>>>> = {
    'a byte': { ...data, 0: 'Begin' },
    'a byte in a hole': { ...data, [20 * 2 ** 20]: 'y' },
    'the place': { 0: 'begin', [5 * 2 ** 20 + 17 + 4096]: 'x'.repeat(10_000), [size - 3]: 'end' },
    'one byte less': { ...data, [size - 3]: 'en' },
  };
  for (const [what, parts] of Object.entries(others)) {
    await write(two, parts);
    t.not(await sparseDigest(two), digest, what);
  }
  for (const path of [one, two]) {
    const both = await fileWithSparseDigest(path);
    t.same(both, { file: await fileRef(path), dataDigest: await sparseDigest(path) }, 'the same when read once');
  }
  await run('cp', [one, two]);
  await truncate(two, size - 1);
  t.not(await sparseDigest(two), digest, 'cut short');
  await truncate(two, size + 4096);
  t.not(await sparseDigest(two), digest, 'too long');
});

t.test('host packages', async (t) => {
  const packages = await hostPackages();
  t.ok(packages.length > 10);
  t.equal(await isInstalled({ name: 'coreutils', shows: 'cat', neededFor: 'always' }), true);
  t.equal(await isInstalled({ name: 'none', shows: '/no/such/file', neededFor: 'always' }), false);
  t.match(await toolVersion('qemu-img'), /^\d+\.\d+/);
  t.match(await toolVersion('xorriso'), /^\d+\.\d+\.\d+/);
});

t.test('only what is not there is not there', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('file'), 'text');
  await symlink('loop', at('loop'));
  await symlink('nowhere', at('dangling'));
  t.equal(await ifThere(readFile(at('file'), 'utf8')), 'text');
  for (const name of ['none', 'none/file', 'file/below', 'dangling']) {
    t.equal(await ifThere(readFile(at(name), 'utf8')), undefined, name);
    t.equal(await isThere(at(name)), false, name);
  }
  const cases = [
    [at('loop'), 'host.link-loop', at('loop')],
    [folder.path, 'host.is-a-folder', undefined],
    [at('n'.repeat(300)), 'host.name-too-long', String],
  ] as const;
  for (const [path, code, where] of cases)
    await t.rejects(ifThere(readFile(path)), { code, where, hint: String }, code);
  await t.rejects(isThere(at('loop')), { code: 'host.link-loop' });
  // What stands in the way is told, and not the file that was to go there.
  await mkdir(at('folder'));
  const moved = rename(at('file'), at('folder'));
  await t.rejects(ifThere(moved), { code: 'host.is-a-folder', where: at('folder') });
  const ours = new Error('no system call');
  await t.rejects(ifThere(Promise.reject(ours)), ours);
});

t.test('a digest is known until the file changes', async (t) => {
  await using folder = await temporaryFolder();
  const [path, known] = [join(folder.path, 'image'), join(folder.path, 'known')];
  let made = 0;
  const digest = () =>
    knownDigest(path, known, async () => {
      made += 1;
      return `${made} ${await readFile(path, 'utf8')}`;
    });
  const settled = () => delay(2_100);
  await writeFile(path, 'one');
  t.equal(await digest(), '1 one');
  t.equal(await digest(), '2 one', 'a file of this moment may change again at the same time');
  await settled();
  t.equal(await digest(), '3 one');
  t.equal(await digest(), '3 one', 'known');
  const { atime, mtime } = await stat(path);
  await writeFile(path, 'two');
  await utimes(path, atime, mtime);
  t.equal(await digest(), '4 two', 'as long, and of the same time by hand');
  await settled();
  t.equal(await digest(), '5 two');
  await rename(path, `${path}-old`);
  await writeFile(path, 'two');
  t.equal(await digest(), '6 two', 'another file of this name');
  await settled();
  const meanwhile = await knownDigest(path, known, async () => {
    await writeFile(path, 'odd');
    return 'of what was there before';
  });
  t.equal(meanwhile, 'of what was there before');
  t.equal(await digest(), '7 odd', 'changed while it was read');
});

t.test('folders are made, or it is said why not', { timeout: 20_000 }, async (t) => {
  const base = t.testdir({ file: '', there: {} });
  const folder = join(base, 'there', 'a', 'b');
  t.equal(await makeFolders(folder, 0o700), join(base, 'there', 'a'), 'the topmost one that was made');
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  t.equal(await makeFolders(folder), undefined);
  await symlink(join(base, 'nowhere'), join(base, 'dangling'));
  await symlink(folder, join(base, 'link'));
  t.equal(await makeFolders(join(base, 'link', 'c')), join(base, 'link', 'c'));
  const refused = [
    [join(base, 'file'), 'host.not-a-folder'],
    [join(base, 'file', 'below'), 'host.not-a-folder'],
    [join(base, 'dangling'), 'host.not-a-folder'],
    [join(base, 'x'.repeat(300)), 'host.name-too-long'],
    // Node's recursive mkdir never ends here.
    ['/proc/x', 'host.no-folder-here'],
    ['/proc/x/y/z', 'host.no-folder-here'],
  ] as const;
  for (const [path, code] of refused) await t.rejects(makeFolders(path), { code, where: /./, hint: /./ }, path);
});
