import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { IngotError, none } from '../../src/errors.ts';
import { fileOf, fileRef, sha256, temporaryFolder } from '../../src/host/files.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import { partsOf } from '../../src/pipeline/parts.ts';
import { createSlots } from '../../src/pipeline/slots.ts';
import type { StageContext, StageKey } from '../../src/pipeline/stage.ts';
import { openStore } from '../../src/pipeline/store.ts';
import { silentReporter } from '../../src/report.ts';
import { type Checkpoint, type CheckpointPlan, openCheckpoints } from '../../src/stages/configure/checkpoints.ts';
import { asRestoring, fromNewest } from '../../src/stages/configure/restoring.ts';
import { stepStates } from '../../src/stages/trust/step-states.ts';

const spec: MachineSpec = {
  name: 'configure',
  cpus: 1,
  memory: 2 ** 30,
  firmware: 'bios',
  accelerator: 'tcg',
  disks: [{ path: 'disk', format: 'qcow2', bus: 'virtio' }],
  boot: ['disk'],
  network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
  onReboot: 'reset',
};

const file = (sha256: string) => fileOf({ path: `/${sha256}`, size: 1, sha256 });
const plan: CheckpointPlan = {
  disk: file('disk'),
  medium: file('medium'),
  specFor: () => spec,
  accelerator: { accelerator: 'tcg', factor: 6 },
  machine: { qemu: '7.2' },
  answers: null,
  steps: ['one', 'two'],
};

t.test('which checkpoint fits, and what is said of those that do not', async (t) => {
  await using folder = await temporaryFolder();
  const store = await openStore(join(folder.path, 'store'));
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const { signal } = new AbortController();
  const parts = partsOf({ store, reporter, signal });
  const dir = join(folder.path, 'run');
  await mkdir(dir);
  const slots = createSlots({ cpus: 1, memory: 1 });
  const context: StageContext = {
    dir,
    runFolder: dir,
    shared: store.shared,
    parts,
    slots,
    allowOlder: false,
    reporter,
    signal,
  };
  const here = await openCheckpoints(plan, context);
  t.equal(await here.newest(), undefined);
  t.equal(await here.differences(), undefined, 'nothing is said where there is none');

  /** A checkpoint of another plan, found by the key it would have there. */
  let nth = 0;
  const put = async (other: CheckpointPlan, steps: number): Promise<void> => {
    const keys: StageKey[] = [];
    const spy = { ...parts, find: async (_: string, key: StageKey) => void keys.push(key) };
    await (await openCheckpoints(other, { ...context, parts: spy })).newest();
    const key = keys.find((one) => Array.isArray(one['steps']) && one['steps'].length === steps) ?? {};
    const work = join(store.folder, 'runs', `put-${nth++}`);
    await mkdir(work, { recursive: true });
    await writeFile(join(work, 'memory'), 'memory');
    const out = { steps, memory: await fileRef(join(work, 'memory')), layers: [], buildKeys: [] };
    await parts.publish('checkpoint', key, work, out);
  };
  await put({ ...plan, machine: { qemu: '8.0' } }, 1);
  t.equal(await here.differences(), 'size or QEMU');
  await put({ ...plan, specFor: () => ({ ...spec, memory: 2 ** 31 }), medium: file('other') }, 0);
  t.equal(await here.differences(), 'size or QEMU, devices, medium in the drive');
  await put({ ...plan, disk: file('another') }, 2);
  const recipe = { machine: { checkpoints: true }, configure: [] } as unknown as Parameters<typeof fromNewest>[0];
  await fromNewest(recipe, here, { runFolder: dir, reporter, signal }, async () => 0);
  t.match(notes, [/are not used.*: other size or QEMU, devices, medium in the drive/]);

  await put(plan, 0);
  const layerOf = (steps: number) => ({ path: join(parts.folderOf('checkpoint', keyOf(steps)), 'layer.qcow2') });
  const keys: StageKey[] = [];
  const spy = { ...parts, find: async (_: string, key: StageKey) => void keys.push(key) };
  await (await openCheckpoints(plan, { ...context, parts: spy })).newest();
  const keyOf = (steps: number) => keys[plan.steps.length - steps] ?? {};
  t.same(
    [0, 1, 2].map((steps) => here.doneIn(layerOf(steps))),
    [0, 1, 2],
    'a layer says how many steps are done in it',
  );
  t.equal(here.doneIn({ path: '/elsewhere/layer.qcow2' }), undefined);
  await put({ ...plan, steps: ['one', 'three'] }, 1);
  t.match(await here.newest(), { steps: 1 }, 'the steps up to there are the same');
  t.equal(await here.differences(), undefined, 'some fit');
  notes.length = 0;
  await writeFile(join(dir, 'serial.log'), 'first');
  await mkdir(join(dir, 'unfinished'));
  let tries = 0;
  const inRun = { runFolder: dir, reporter, signal };
  const restore = async (start: Checkpoint | undefined, fault: unknown) =>
    asRestoring(start?.steps === 1 ? Promise.reject(fault) : Promise.resolve(start?.steps), start, signal);

  const hostFaults: readonly unknown[] = [
    Object.assign(new Error('ENOSPC: no space left on device, mkdtemp'), { code: 'ENOSPC', syscall: 'mkdtemp' }),
    Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' }),
    new IngotError('host.no-space', 'the file system is full', { hint: none('of a test') }),
    new IngotError('host.command-failed', 'qemu-img ended with status 1', {
      detail: 'x: No space left on device',
      hint: none('of a test'),
    }),
    new IngotError('machine.qemu-died', 'QEMU was ended by SIGKILL', { hint: none('of a test') }),
    new IngotError('machine.host-memory', 'the host has not enough memory', { hint: none('of a test') }),
  ];
  for (const fault of hostFaults)
    await t.rejects(
      fromNewest(recipe, here, inRun, (start) => restore(start, fault)),
      fault as Error,
    );
  // The one that hangs, and then the host fails: nobody knows whose fault it was.
  const both = fromNewest(recipe, here, inRun, async (start) => {
    if (start?.steps === 0) throw hostFaults[0];
    return restore(start, new IngotError('guest.ssh-timeout', 'it hangs', { hint: none('of a test') }));
  });
  await t.rejects(both, hostFaults[0] as Error);
  t.match(await here.newest(), { steps: 1 }, 'a fault of the host is none of the checkpoint');
  await rename(join(dir, 'not-restored-1', 'serial.log'), join(dir, 'serial.log'));
  notes.length = 0;

  const made = await fromNewest(recipe, here, inRun, async (start) => {
    tries += 1;
    return restore(start, new IngotError('guest.ssh-timeout', 'it hangs', { hint: none('of a test') }));
  });
  t.match(await here.newest(), { steps: 0 }, 'once another one has gone on, it is removed');
  t.ok((await readdir(dir)).includes('unfinished'), 'what the next try works in stays');
  t.match({ tries, result: made.result }, { tries: 2, result: 0 }, 'the one before it is taken');
  t.match(notes, [/cannot be restored \(it hangs\): see not-restored-1\//, /was removed$/]);
  t.equal((await fileRef(join(dir, 'not-restored-1', 'serial.log'))).size, 5, 'what it left is kept');
});

t.test('what led to each disk of configure, as far as checkpoints are kept', async (t) => {
  await using folder = await temporaryFolder();
  const stages = join(folder.path, 'stages');
  const put = async (place: string): Promise<string> => {
    await mkdir(dirname(join(stages, place)), { recursive: true });
    await writeFile(join(stages, place), place);
    return sha256(place);
  };
  await put('configure/a/disk.qcow2');
  const path = join(stages, 'configure/a/disk.qcow2');
  const disk = fileOf({ path, size: 1, sha256: 'of no account' });
  const steps = ['one', 'two', 'three'].map((name) => ({ name, reboot: { timeout: 1 } }));
  const kept = async (...done: readonly number[]) =>
    Promise.all(
      done.map(async (nth) => ({ done: nth, place: `checkpoint/${nth}/l`, digest: await put(`checkpoint/${nth}/l`) })),
    );
  const told = async (states: Awaited<ReturnType<typeof kept>>) =>
    (await stepStates({ disk, by: 'the build of web', configured: { name: 'web', steps, kept: states } })).map(
      ({ by }) => by,
    );

  t.same(await told([]), ['the build of web']);
  t.same(await told(await kept(0, 1, 2, 3)), [
    'web: the first boot',
    'web: step 1, "one"',
    'web: step 2, "two"',
    'web: step 3, "three"',
    'web: slimming and sealing',
  ]);
  t.same(await told(await kept(0, 2)), [
    'web: the first boot',
    'web: steps 1 to 2',
    'web: step 3, "three", or slimming and sealing',
  ]);
  const all = await kept(0, 1, 2);
  await rm(join(stages, 'checkpoint/1'), { recursive: true });
  await writeFile(join(stages, 'checkpoint/0/l'), 'another one');
  t.same(
    await told(all),
    ['web: the first boot, or steps 1 to 2', 'web: step 3, "three", or slimming and sealing'],
    'what is gone, or another one, is told with the next',
  );
  t.same(await stepStates({ disk, by: '' }), [{ path, by: '' }], 'a disk that is none of configure');
});
