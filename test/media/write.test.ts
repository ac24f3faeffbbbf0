/** Writing a medium to a disk, on loop devices of our own: no other device is ever opened for writing. */
import { constants, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run, startLongLived } from '../../src/host/run.ts';
import { inspectDevice } from '../../src/media/disk/device.ts';
import { writeMedium } from '../../src/media/disk/write.ts';
import { silentReporter } from '../../src/report.ts';
import { masterFixture } from './fixture.ts';

const MIB = 2 ** 20;
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const folder = await temporaryFolder();
t.teardown(() => folder[Symbol.asyncDispose]());
const at = (name: string) => join(folder.path, name);
await mkdir(at('fixture'));
const iso = await masterFixture(at('fixture'));
const content = await readFile(iso);

const write = (...args: string[]) =>
  run(process.execPath, [MAIN, 'media', 'write', ...args], { allow: [0, 1, 2], cwd: folder.path });

t.test('what is no disk', async (t) => {
  await writeFile(at('file'), 'kept');
  t.match(await write(iso, at('file'), '--yes', 'file'), { exitCode: 1, stderr: /media\.not-a-device/ });
  t.equal(await readFile(at('file'), 'utf8'), 'kept');
  t.match(await write(iso, at('none')), { exitCode: 1, stderr: /media\.not-a-device/ });
  t.match(await write(iso, '/dev/null', '--yes', 'null'), { exitCode: 1, stderr: /media\.not-a-device/ });
  t.match(await write(at('file'), '/dev/null'), { exitCode: 1, stderr: /media\.not-an-iso/ });
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', at('cd.iso'), MAIN]);
  t.match(await write(at('cd.iso'), '/dev/null'), { exitCode: 1, stderr: /media\.(no-usb-boot|no-boot-loader)/ });
});

/** A loop device over a file of `size` bytes; undefined where there is none to be had. */
const attach = async (name: string, size: number, ...options: string[]): Promise<string | undefined> => {
  await writeFile(at(name), '');
  await truncate(at(name), size);
  const { exitCode, stdout } = await run('losetup', ['--find', '--show', ...options, at(name)], { allow: [0, 1] });
  return exitCode === 0 ? stdout.trim() : undefined;
};
const detach = (device: string) => run('losetup', ['--detach', device]);

const probe = process.getuid?.() === 0 ? await attach('probe', MIB).catch(() => undefined) : undefined;
if (probe !== undefined) await detach(probe);
const skip = probe === undefined && 'no loop device can be had here';

t.test('a disk', { skip }, async (t) => {
  const device = (await attach('disk', content.length + 3 * MIB)) ?? '';
  t.teardown(() => detach(device));
  const name = device.replace('/dev/', '');
  t.match(await write(iso, device, '--yes', name), { exitCode: 1, stderr: /media\.not-removable[\s\S]*--force/ });
  t.match(await write(iso, device, '--force'), { exitCode: 2, stderr: /usage\.not-confirmed/ });
  t.match(await write(iso, device, '--force', '--yes', 'sda'), { exitCode: 2, stderr: /"sda" is not the name/ });
  t.ok(
    (await readFile(at('disk'))).every((byte) => byte === 0),
    'nothing was written so far',
  );

  const holder = await open(device, constants.O_RDONLY | constants.O_EXCL);
  t.match(await write(iso, device, '--force', '--yes', name), { exitCode: 1, stderr: /media\.device-busy/ });
  await holder.close();

  const written = await write(iso, device, '--force', '--yes', name);
  t.match(written, { exitCode: 0, stdout: /written, read back, the same/, stderr: /^write\nread back$/ });
  const disk = await readFile(at('disk'));
  t.ok(disk.subarray(0, content.length).equals(content), 'byte by byte');
  t.ok(
    disk.subarray(content.length).every((byte) => byte === 0),
    'and nothing after it',
  );

  const known = await inspectDevice(device, content.length, { force: true });
  t.match(known, { path: device, name, size: content.length + 3 * MIB - ((content.length + 3 * MIB) % 512) });
  const stop = new AbortController();
  stop.abort();
  await t.rejects(writeMedium(iso, known, { reporter: silentReporter, signal: stop.signal }), { code: 'interrupted' });
});

t.test('a disk that something else uses', { skip }, async (t) => {
  const disk = (await attach('used', 64 * MIB)) ?? '';
  t.teardown(() => detach(disk));
  t.match(await inspectDevice(disk, MIB, { force: true }), { path: disk });
  const inUse = { code: 'media.device-in-use' };
  const { stdout: over } = await run('losetup', ['--find', '--show', disk]);
  try {
    await t.rejects(inspectDevice(disk, MIB, { force: true }), {
      ...inUse,
      message: new RegExp(`${over} lies over it`),
    });
    await run('mke2fs', ['-q', over]);
    await mkdir(at('over'));
    await run('mount', [over, at('over')]);
    const mounted = inspectDevice(disk, MIB, { force: true });
    await t.rejects(mounted, { ...inUse, message: new RegExp(`${over} on ${at('over')}`) });
    await run('umount', [at('over')]);
  } finally {
    await detach(over);
  }
  for (const mode of ['<', '<>']) {
    const holder = startLongLived('sh', ['-c', `exec 3${mode}"$0"; echo open; exec sleep 60`, disk]);
    await new Promise((done) => setTimeout(done, 500));
    const busy = inspectDevice(disk, MIB, { force: true });
    await t.rejects(busy, { code: 'media.device-busy', message: /open in sleep \(process \d+\)/ }, mode);
    holder.kill('SIGKILL');
    await holder.ended;
  }
  t.match(await inspectDevice(disk, MIB, { force: true }), { path: disk });
});

t.test('disks that are refused', { skip }, async (t) => {
  const small = (await attach('small', MIB)) ?? '';
  t.teardown(() => detach(small));
  await t.rejects(inspectDevice(small, content.length, { force: true }), { code: 'media.device-too-small' });
  const locked = (await attach('locked', content.length + MIB, '--read-only')) ?? '';
  t.teardown(() => detach(locked));
  await t.rejects(inspectDevice(locked, content.length, { force: true }), { code: 'media.device-read-only' });
  const mounted = (await attach('mounted', 64 * MIB)) ?? '';
  t.teardown(() => detach(mounted));
  await run('mke2fs', ['-q', mounted]);
  await mkdir(at('mnt'));
  await run('mount', [mounted, at('mnt')]);
  try {
    await t.rejects(inspectDevice(mounted, MIB, { force: true }), {
      code: 'media.device-in-use',
      message: new RegExp(`${mounted} on ${at('mnt')}`),
    });
  } finally {
    await run('umount', [at('mnt')]);
  }
});
