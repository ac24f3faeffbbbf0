import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { readKept } from '../../src/machine/kept-machine.ts';
import { writeLauncher } from '../../src/machine/launcher.ts';
import { guestSpec, writeGuest } from '../machine/guest.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const NAME = '20260101T000000-web-99999999';

const keys = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('ingot-shell-'));

/** A store with one run, whose install stage has left a disk and names a medium that is gone. */
const failedRun = async (store: string) => {
  const stage = join(store, 'runs', NAME, 'install');
  const disk = join(stage, 'unfinished', 'disk.raw');
  const medium = join(store, 'gone.iso');
  await mkdir(join(stage, 'unfinished'), { recursive: true });
  await mkdir(join(store, 'runs', NAME, 'configure'));
  await writeFile(join(store, 'runs', NAME, 'events.ndjson'), '{"type":"build.failed","at":1}\n');
  await writeGuest(disk, 'ready', 'write', 'power-off');
  await writeLauncher(
    guestSpec(disk, { cdrom: medium, boot: ['cdrom', 'disk'], credentials: { key: 'hidden' } }),
    stage,
  );
  const cli = (...args: string[]) =>
    run(process.execPath, [MAIN, 'shell', ...args, '--store', store], { allow: [0, 1, 2], cwd: store });
  return { stage, disk, medium, cli };
};

t.test('what is kept, and what cannot be started', async (t) => {
  await using folder = await temporaryFolder();
  const { stage, disk, medium, cli } = await failedRun(folder.path);
  t.notMatch(await readFile(join(stage, 'machine.json'), 'utf8'), /hidden/, 'no credential is kept');
  t.match(await readKept(stage), { disks: [{ path: disk }], cdrom: medium });

  await rm(disk);
  t.match(await cli(), { exitCode: 2, stderr: /usage\.no-kept-machine/ });
  t.match(await cli('nobody'), { exitCode: 2, stderr: /usage\.no-such-run/ });
  await writeFile(join(stage, 'machine.json'), '{"cut');
  t.match(await cli(), { exitCode: 1, stderr: /machine\.kept-damaged/ });
});

t.test('the machine of a failed run starts again', async (t) => {
  await using folder = await temporaryFolder();
  const { stage, disk, cli } = await failedRun(folder.path);
  const before = await readFile(disk);
  const evidence = await readdir(stage);
  const keysBefore = await keys();
  const tried = await cli('web');
  t.equal(tried.exitCode, 0, tried.stderr);
  t.match(tried.stdout, /ready/, 'the console');
  t.match(
    tried.stderr,
    /without its medium .*gone\.iso[\s\S]*install in .*throw-away[\s\S]*SSH: ssh -i .*ProxyCommand=.* root@ingot-guest/,
  );
  t.same(await readFile(disk), before, 'nothing is written');
  t.equal((await cli('--write')).exitCode, 0);
  t.notSame(await readFile(disk), before, 'written for good');
  t.same(await readdir(stage), evidence, 'the evidence is left alone');
  t.same(await keys(), keysBefore, 'the key is gone');
});
