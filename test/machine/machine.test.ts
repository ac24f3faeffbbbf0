import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import t from 'tap';
import { handedIn } from '../../src/access/access.ts';
import { createBuildKeys } from '../../src/access/key.ts';
import { IngotError } from '../../src/errors.ts';
import { isAlive } from '../../src/host/process.ts';
import { createLogFile } from '../../src/machine/log-file.ts';
import { startMachine } from '../../src/machine/machine.ts';
import { qemuStopped } from '../../src/machine/stopped.ts';
import { vgaText } from '../../src/machine/vga-text.ts';
import { guestRun, guestSpec, until, writeGuest } from './guest.ts';

const runFile = promisify(execFile);
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const codeOf = (error: unknown): string | undefined => (error instanceof IngotError ? error.code : String(error));
/** Sector 2 of a guest's disk is empty until the guest has written to it. */
const hasWritten = async (disk: string): Promise<boolean> =>
  (await readFile(disk)).subarray(512, 1024).some((byte) => byte !== 0);
const ownFolders = async (): Promise<string[]> =>
  (await readdir(process.env['XDG_RUNTIME_DIR'] ?? tmpdir())).filter((name) =>
    name.startsWith(`ingot-vm-${process.pid}-`),
  );

t.test('how a guest ends', async (t) => {
  for (const [action, reason] of [
    ['power-off', 'guest-shutdown'],
    ['reset', 'guest-reset'],
  ] as const) {
    const folder = t.testdir();
    const disk = await writeGuest(join(folder, 'disk.raw'), 'hello\r\n', 'write', action);
    await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'run')));
    t.same(await machine.ended, { reason }, `${action} is ${reason}`);
    t.notOk(isAlive(machine.pid));
    t.same(machine.console.last(1), ['hello'], 'all that the guest said is there at its end');
    t.equal(await readFile(join(folder, 'run/serial.log'), 'utf8').then((text) => text.includes('hello')), true);
    t.ok(await hasWritten(disk), 'its disk has what it wrote');
    for (const name of ['launch.sh', 'console.txt', 'console.png'])
      t.ok(await isThere(join(folder, 'run', name)), name);
    t.same(await ownFolders(), [], 'no socket folder is left');
  }
});

t.test("a machine writes nothing into another user's folder", async (t) => {
  if (process.getuid?.() !== 0) return t.pass('not tried', { skip: 'only root can make one' });
  const folder = t.testdir({ theirs: {} });
  await chown(join(folder, 'theirs'), 12345, 12345);
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'nothing');
  await t.rejects(startMachine(guestSpec(disk), guestRun(join(folder, 'theirs'))), { code: 'host.foreign-folder' });
  t.same(await readdir(join(folder, 'theirs')), []);
});

t.test('doors are sockets for the owner alone, for as long as the machine runs', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'here', 'nothing');
  const handed = handedIn(createBuildKeys());
  const machine = await startMachine(guestSpec(disk, handed), guestRun(join(folder, 'run')));
  const [own = ''] = await ownFolders();
  const parent = process.env['XDG_RUNTIME_DIR'] ?? tmpdir();
  const names = (await readdir(join(parent, own))).filter((name) => !/^(qmp|serial|log)\.sock$/.test(name));
  t.same(names.sort(), ['door0.sock', 'door1.sock', 'door2.sock'], 'what is handed in is in no file any more');
  t.equal((await stat(join(parent, own))).mode & 0o777, 0o700);
  const [door] = machine.doors;
  const socket = connect(door?.socket ?? '');
  await once(socket, 'connect');
  const hungUp = once(socket, 'close');
  await machine[Symbol.asyncDispose]();
  await hungUp;
  t.same(await ownFolders(), [], 'no socket is left');
});

t.test('a running guest', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk, 1.raw'), 'here', 'nothing');
  const credentials = { 'door-key': 'ssh-ed25519 AAAASECRET build' };
  const machine = await startMachine(guestSpec(disk, { credentials }), guestRun(join(folder, 'run')));
  t.ok(machine.sshPort && machine.sshPort > 1023, `QEMU has picked port ${machine.sshPort}`);
  t.ok(
    await until(async () => (await machine.console.screen()).lines.some((line) => line.endsWith('here'))),
    'the screen shows it',
  );
  const vga = await vgaText(machine.qmp);
  t.match(vga, /Booting from Hard Disk/, 'the firmware writes on the VGA screen');
  t.notMatch(vga, /here/, 'which the serial console is not');
  t.same(await ownFolders(), [], 'the socket folder is gone while the machine runs');

  const files = (await readdir(join(folder, 'run'))).map((name) => readFile(join(folder, 'run', name), 'latin1'));
  t.notMatch((await Promise.all(files)).join(''), /AAAASECRET/, 'no credential in the run folder');
  t.notMatch(await readFile(`/proc/${machine.pid}/cmdline`, 'utf8'), /AAAASECRET/, 'nor in the command line');

  const second = startMachine(guestSpec(disk), guestRun(join(folder, 'second')));
  t.equal(await second.then(() => 'started', codeOf), 'machine.image-in-use');

  const started = Date.now();
  t.same(await machine.powerOff(500), { reason: 'host-quit' }, 'a guest deaf to ACPI is quit');
  t.ok(Date.now() - started < 10_000);
  t.ok((await stat(join(folder, 'run/screen.png'))).size > 100, 'with a picture of its screen');
});

t.test('a secret that the guest tells is in no file, not even when Ingot is killed', async (t) => {
  const folder = t.testdir();
  const redact = (text: string) => text.replaceAll('hunter22', '***');
  const disk = await writeGuest(join(folder, 'disk.raw'), 'it is hunter22\r\nnext\r\n', 'nothing');
  const log = () => readFile(join(folder, 'run/serial.log'), 'utf8').catch(() => '');
  {
    await using _machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'run'), { redact }));
    t.ok(await until(async () => /next/.test(await log())), 'what the guest says is in the file while it runs');
    t.match(await log(), /^it is \*\*\*\r\n/m);
  }
  t.notOk(await isThere(join(folder, 'run/screen.png')), 'a picture cannot be searched');
  t.notOk(await isThere(join(folder, 'run/console.png')));

  const quiet = await writeGuest(join(folder, 'quiet.raw'), 'x', 'nothing');
  // On the VGA screen only: SeaBIOS says where it boots from.
  const hidden = (text: string) => text.replaceAll('Booting from Hard Disk', '***');
  {
    await using machine = await startMachine(guestSpec(quiet), guestRun(join(folder, 'vga'), { redact: hidden }));
    t.ok(await until(async () => /Booting/.test(await vgaText(machine.qmp))));
  }
  t.notOk(await isThere(join(folder, 'vga/screen.png')));
});

t.test('a log has a largest size, and an end', async (t) => {
  const folder = t.testdir();
  const secrets: string[] = [];
  const log = createLogFile(join(folder, 'log'), {
    redact: (text) => text.replaceAll('hunter22', '***'),
    onSecret: () => secrets.push('x'),
    onStopped: (error) => t.fail(String(error)),
  });
  for (const piece of ['a hun', 'ter22\nb', '\ningot-evidence x.txt hunter22\n', 'no line']) log.push(piece);
  t.equal(await readFile(join(folder, 'log'), 'utf8'), 'a ***\nb\n');
  for (let nth = 0; nth < 1200; nth++) log.push(`${'y'.repeat(65_535)}\n`);
  log.push('the last words');
  log.end();
  const text = await readFile(join(folder, 'log'), 'utf8');
  t.ok(text.length < 66 * 2 ** 20);
  t.match(text.slice(-100), /y\nthe last words$/);
  t.match(text, /\n… \d+ characters are left out …\n/);
  t.same(secrets, ['x']);
});

t.test('a log that cannot be written any further is told once', (t) => {
  const stopped: unknown[] = [];
  const log = createLogFile('/dev/full', {
    redact: (text) => text,
    onSecret: () => {},
    onStopped: (error) => stopped.push(error),
  });
  for (const piece of ['one\n', 'two\n', 'three']) log.push(piece);
  log.end();
  t.match(stopped, [{ code: 'ENOSPC' }]);
  t.end();
});

t.test('throw-away, by Ingot and by hand', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'bye', 'write', 'power-off');
  const run = join(folder, 'run');
  await using machine = await startMachine(guestSpec(disk), guestRun(run, { throwAway: true }));
  t.same(await machine.ended, { reason: 'guest-shutdown' });
  t.notOk(await hasWritten(disk));

  const byHand = await runFile(join(run, 'launch.sh'), [], { timeout: 20_000 });
  t.match(byHand.stdout, /bye/, 'the console is on the terminal');
  t.notOk(await hasWritten(disk), 'nothing is written without --write');
  await runFile(join(run, 'launch.sh'), ['--write'], { timeout: 20_000 });
  t.ok(await hasWritten(disk));
  const orphan = runFile(join(run, 'launch.sh'), ['--parent', '1'], { timeout: 20_000 });
  await t.rejects(orphan, { code: 1 }, 'a launcher whose parent is another process starts nothing');
});

t.test('what goes wrong', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'nothing');

  t.test('on the way to a machine', async (t) => {
    const cases: [string, Parameters<typeof guestSpec>[1], RegExp][] = [
      ['machine.image-missing', { cdrom: join(folder, 'no.iso') }, /no\.iso/],
      ['machine.qemu-died', { disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }] }, /not in qcow2 format/],
      ['machine.host-memory', { memory: 9000 * 2 ** 30 }, /Cannot allocate memory/],
      [
        'machine.qemu-died',
        { network: { mode: 'isolated', model: 'virtio', forwardSsh: false, slot: 31 } },
        /1f|slot/i,
      ],
    ];
    for (const [code, more, words] of cases) {
      const error = await startMachine(guestSpec(disk, more), guestRun(join(folder, 'failed'))).catch(
        (e: unknown) => e,
      );
      t.match(error, { code }, code);
      if (error instanceof IngotError) t.match(`${error.message} ${error.detail}`, words);
    }
    t.same(await ownFolders(), []);
  });

  t.test('QEMU is killed', async (t) => {
    await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'killed')));
    process.kill(machine.pid, 'SIGKILL');
    const ending = await machine.ended;
    t.match(ending, {
      reason: 'failed',
      error: { code: 'machine.qemu-died', message: /SIGKILL/, hint: /out of memory/ },
    });
    await t.rejects(machine.qmp.execute('query-status'), { code: 'machine.qmp-closed' });
  });

  t.test('QEMU is stopped', async (t) => {
    await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'stopped')));
    t.equal(await qemuStopped(machine), undefined);
    process.kill(machine.pid, 'SIGSTOP');
    t.ok(await until(async () => (await qemuStopped(machine)) !== undefined));
    t.match(await qemuStopped(machine), { code: 'machine.qemu-stopped', hint: /SIGSTOP/ });
    process.kill(machine.pid, 'SIGCONT');
    t.ok(await until(async () => (await qemuStopped(machine)) === undefined));
  });

  t.test('interrupted', async (t) => {
    const controller = new AbortController();
    const run = guestRun(join(folder, 'interrupted'), { signal: controller.signal });
    await using machine = await startMachine(guestSpec(disk), run);
    controller.abort();
    t.match(await machine.ended, { reason: 'failed', error: { code: 'interrupted' } });
    t.notOk(isAlive(machine.pid));
    await t.rejects(startMachine(guestSpec(disk), run), { code: 'interrupted' });
  });
});

/** A process of its own that starts a machine, prints QEMU's process id, and then how the machine ended. */
const tool = (disk: string, folder: string, options: { throwAway?: boolean; wrapper?: readonly string[] } = {}) => {
  const script = `
    const { startMachine } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/machine/machine.ts'))});
    const { guestRun, guestSpec } = await import(${JSON.stringify(join(import.meta.dirname, 'guest.ts'))});
    const controller = new AbortController();
    process.on('SIGINT', () => controller.abort());
    const run = guestRun(${JSON.stringify(folder)}, { throwAway: ${options.throwAway === true}, signal: controller.signal });
    const machine = await startMachine(guestSpec(${JSON.stringify(disk)}), run);
    console.log(machine.pid);
    const { reason, error } = await machine.ended;
    console.log(reason, error?.code);`;
  const [file = '', ...args] = [...(options.wrapper ?? []), process.execPath, '--input-type=module', '-e', script];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async () => String((await lines.next()).value) };
};

t.test('kill -9 of the tool leaves no QEMU and no file', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'nothing');
  const overlays = async () => (await readdir('/var/tmp')).filter((name) => name.startsWith('vl.')).length;
  const before = await overlays();
  for (const throwAway of [false, true]) {
    const { child, line } = tool(disk, join(folder, 'run'), { throwAway });
    const pid = Number(await line());
    t.match(await readFile(`/proc/${pid}/cmdline`, 'utf8'), /^qemu-system-x86_64/, 'QEMU runs');
    child.kill('SIGKILL');
    t.ok(await until(() => !isAlive(pid)), 'QEMU is gone');
    t.equal(await overlays(), before, 'no overlay is left');
  }
});

t.test('Ctrl-C reaches the tool alone, and it ends QEMU', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'nothing');
  const { child, line } = tool(disk, join(folder, 'run'));
  const pid = Number(await line());
  if (child.pid === undefined) throw new Error('not started');
  process.kill(-child.pid, 'SIGINT');
  t.equal(await line(), 'failed interrupted');
  t.notOk(isAlive(pid));
});

t.test('the host’s disk is full', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'write far');
  // A file system of 1 MiB in a mount namespace of its own, filled up beside the disk.
  const mount =
    'mount -t tmpfs -o size=1m none "$0" && cp --sparse=always "$1" "$0/disk.raw" && { cat /dev/zero > "$0/fill" 2>/dev/null; shift; exec "$@"; }';
  await mkdir(join(folder, 'full'));
  const wrapper = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount, join(folder, 'full'), disk];
  const { line } = tool(join(folder, 'full/disk.raw'), join(folder, 'run'), { wrapper });
  const pid = Number(await line());
  if (Number.isNaN(pid)) return t.pass('not tried', { skip: 'no user namespaces here' });
  t.equal(await line(), 'failed machine.host-disk-full');
  t.notOk(isAlive(pid));
});
