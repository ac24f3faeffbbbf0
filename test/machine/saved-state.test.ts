import { open, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { IngotError } from '../../src/errors.ts';
import { run } from '../../src/host/run.ts';
import { type Machine, startMachine } from '../../src/machine/machine.ts';
import { saveMachine } from '../../src/machine/saved-state.ts';
import { guestRun, guestSpec, until, writeGuest } from './guest.ts';

const codeOf = (error: unknown): string | undefined => (error instanceof IngotError ? error.code : String(error));

/** Types into an echoing guest and waits for what it sends back. */
const echoes = async (machine: Machine, text: string): Promise<boolean> => {
  machine.console.type(text);
  return until(async () => (await machine.console.screen()).lines.some((line) => line.includes(text)));
};

const started = async (folder: string, more = {}) => {
  const raw = await writeGuest(join(folder, 'disk.raw'), 'hello ', 'write', 'echo');
  const disk = join(folder, 'disk.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', raw, disk]);
  const spec = guestSpec(disk, { disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }], ...more });
  const machine = await startMachine(spec, guestRun(join(folder, 'run')));
  t.ok(await echoes(machine, 'one'), 'the guest answers');
  return { machine, spec, disk };
};

t.test('a saved machine goes on, again and again', async (t) => {
  const folder = t.testdir();
  const { machine, spec, disk } = await started(folder);
  const memory = join(folder, 'memory');
  const saved = await saveMachine(machine.qmp, { memory, overlay: join(folder, 'next.qcow2'), backing: disk });
  t.equal(saved.size, (await stat(memory)).size);
  t.equal((await stat(memory)).mode & 0o777, 0o600);
  t.ok(await echoes(machine, 'two'), 'it goes on after the saving');
  const again = join(folder, 'again');
  await saveMachine(machine.qmp, {
    memory: again,
    overlay: join(folder, 'last.qcow2'),
    backing: join(folder, 'next.qcow2'),
  });
  t.ok(await echoes(machine, 'three'), 'and after a second one');
  await machine[Symbol.asyncDispose]();
  await run('qemu-img', ['check', '-q', join(folder, 'last.qcow2')]);

  for (const nth of [1, 2]) {
    const overlay = join(folder, `restored${nth}.qcow2`);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', disk, overlay]);
    await using restored = await startMachine(
      { ...spec, disks: [{ path: overlay, format: 'qcow2', bus: 'virtio' }] },
      guestRun(join(folder, `run${nth}`), { incoming: memory }),
    );
    t.ok(await echoes(restored, 'four'), `restored for the ${nth}. time`);
    t.notMatch(await readFile(join(folder, `run${nth}`, 'serial.log'), 'utf8'), /hello/, 'it has not booted');
  }
});

t.test('a guest whose memory comes slowly runs once it is there', async (t) => {
  const folder = t.testdir();
  const { machine, spec, disk } = await started(folder);
  const memory = join(folder, 'memory');
  await saveMachine(machine.qmp, { memory, overlay: join(folder, 'next.qcow2'), backing: disk });
  await machine[Symbol.asyncDispose]();
  const pipe = join(folder, 'pipe');
  await run('mkfifo', [pipe]);
  const feeding = (async () => {
    const bytes = await readFile(memory);
    const file = await open(pipe, 'w');
    const half = Math.floor(bytes.length / 2);
    await file.write(bytes.subarray(0, half));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await file.write(bytes.subarray(half));
    await file.close();
  })();
  await using restored = await startMachine(spec, guestRun(join(folder, 'slow'), { incoming: pipe, throwAway: true }));
  await feeding;
  t.ok(await echoes(restored, 'two'), 'it runs');
});

t.test('a saved state that is not whole is QEMU’s death, not a guest that runs', async (t) => {
  const folder = t.testdir();
  const { machine, spec } = await started(folder);
  const memory = join(folder, 'memory');
  const { size } = await saveMachine(machine.qmp, {
    memory,
    overlay: join(folder, 'next.qcow2'),
    backing: join(folder, 'disk.qcow2'),
  });
  await machine[Symbol.asyncDispose]();
  await truncate(memory, Math.floor(size / 2));
  const run2 = guestRun(join(folder, 'run2'), { incoming: memory, throwAway: true });
  await using restored = await startMachine(spec, run2).catch((error: unknown) => {
    t.equal(codeOf(error), 'machine.qemu-died');
    return undefined;
  });
  if (restored) t.equal((await restored.ended).error?.code, 'machine.qemu-died');
});

t.test('where nothing can be written the guest goes on', async (t) => {
  const folder = t.testdir();
  const { machine } = await started(folder);
  await t.rejects(
    saveMachine(machine.qmp, {
      memory: join(folder, 'nowhere', 'memory'),
      overlay: join(folder, 'next.qcow2'),
      backing: join(folder, 'disk.qcow2'),
    }),
    {
      code: 'machine.save-failed',
    },
  );
  t.ok(await echoes(machine, 'two'), 'it goes on');
  await machine[Symbol.asyncDispose]();
});
