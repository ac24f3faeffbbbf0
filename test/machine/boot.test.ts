import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import t from 'tap';
import { attachTerminal, type BootOptions, bootImage, imageKind } from '../../src/machine/boot.ts';
import { guestRun, until, writeGuest } from './guest.ts';

const runFile = promisify(execFile);

const options: BootOptions = {
  cpus: 1,
  memory: 64 * 2 ** 20,
  firmware: 'bios',
  accelerator: 'tcg',
  bus: 'ahci',
  network: 'isolated',
  disk: 2 ** 30,
};

t.test('an image is what its content says', async (t) => {
  const folder = t.testdir({ 'note.qcow2': 'just text', empty: '', iso: { 'hello.txt': 'hello' } });
  const at = (name: string) => join(folder, name);
  await writeGuest(at('raw.iso'), 'x', 'nothing');
  await runFile('qemu-img', ['create', '-q', '-f', 'qcow2', at('disk.img'), '1M']);
  await runFile('xorriso', ['-as', 'mkisofs', '-quiet', '-o', at('medium.bin'), at('iso')]);
  t.equal(await imageKind(at('raw.iso')), 'raw');
  t.equal(await imageKind(at('disk.img')), 'qcow2');
  t.equal(await imageKind(at('medium.bin')), 'iso');
  for (const name of ['note.qcow2', 'empty']) await t.rejects(imageKind(at(name)), { code: 'machine.image-unknown' });
  await t.rejects(imageKind(at('none')), { code: 'machine.image-missing' });
});

t.test('disk images by their formats, and none that opens files of others', async (t) => {
  const folder = t.testdir({ 'secret.img': 'x'.repeat(1024), 'odd.raw': '' });
  const at = (name: string) => join(folder, name);
  const make = (format: string, name: string, ...options: string[]) =>
    runFile('qemu-img', ['create', '-q', '-f', format, ...options, at(name), '1M'], { cwd: folder });
  for (const format of ['qcow2', 'vmdk', 'vhdx', 'vpc', 'vdi', 'raw'] as const) {
    // Whatever the name says.
    await make(format, `${format}.img`);
    t.equal(await imageKind(at(`${format}.img`)), format);
  }
  // A guest may write any mark to its own disk.
  await writeFile(at('odd.raw'), await readFile(at('qcow2.img')));
  t.equal(await imageKind(at('odd.raw')), 'raw');

  await make('qcow2', 'near.qcow2', '-F', 'qcow2', '-b', 'qcow2.img');
  t.equal(await imageKind(at('near.qcow2')), 'qcow2');
  await make('qcow2', 'far.qcow2', '-F', 'raw', '-b', at('secret.img'));
  await make('qcow2', 'json.qcow2', '-F', 'raw', '-b', `json:{"driver":"raw","file.filename":"${at('secret.img')}"}`);
  await make('qcow2', 'data.qcow2', '-o', `data_file=${at('data.img')}`);
  await make('vmdk', 'far.vmdk', '-F', 'vmdk', '-b', at('vmdk.img'));
  // QEMU finds the word wherever it stands in the first sectors, whatever length the header gives its text.
  const layer = await readFile(at('far.vmdk'));
  layer.write('x', layer.indexOf('\nparentFileNameHint'));
  layer.writeBigUInt64LE(0n, 36);
  await writeFile(at('hidden.vmdk'), layer);
  const seen = await runFile('qemu-img', ['info', '-f', 'vmdk', at('hidden.vmdk')]);
  t.match(seen.stdout, /backing file: .*vmdk\.img/, 'so QEMU does');
  // Without sectors of its own, a VMDK is what its text says: extents in any files.
  const described = await readFile(at('vmdk.img'));
  described.writeBigUInt64LE(0n, 12);
  const words = `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2 FLAT "${at('secret.img')}" 0\n`;
  described.fill(0, 512, 512 + 20 * 512).write(words, 512);
  await writeFile(at('described.vmdk'), described);
  const opened = await runFile('qemu-img', ['info', '-f', 'vmdk', at('described.vmdk')]);
  t.match(opened.stdout, /secret\.img/, 'so QEMU does');
  // What lies beside it may itself lead elsewhere.
  await make('qcow2', 'over-far.qcow2', '-u', '-F', 'qcow2', '-b', 'far.qcow2');
  await make('qcow2', 'ring.qcow2', '-u', '-F', 'qcow2', '-b', 'ring.qcow2');
  const odd = ['far.qcow2', 'json.qcow2', 'data.qcow2', 'far.vmdk', 'hidden.vmdk', 'described.vmdk', 'over-far.qcow2'];
  await t.rejects(imageKind(at('ring.qcow2')), { code: 'machine.image-needs-files', message: /over itself/ });
  for (const name of odd)
    await t.rejects(imageKind(at(name)), { code: 'machine.image-needs-files', hint: /qemu-img convert/ }, name);
});

t.test('what can be in the drive', async (t) => {
  const folder = t.testdir({ iso: { 'meta-data': '' } });
  const image = await writeGuest(join(folder, 'image.raw'), 'ready', 'nothing');
  const seed = join(folder, 'seed.iso');
  await runFile('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'cidata', '-o', seed, join(folder, 'iso')]);
  const run = guestRun(join(folder, 'run'));
  await t.rejects(bootImage(image, { ...options, cdrom: image }, run), { code: 'machine.image-unknown' });
  await t.rejects(bootImage(image, { ...options, cdrom: join(folder, 'none') }, run), {
    code: 'machine.image-missing',
  });
  await t.rejects(bootImage(seed, { ...options, cdrom: seed }, run), { code: 'machine.drive-taken' });
  await using machine = await bootImage(image, { ...options, cdrom: seed }, run);
  const blocks = JSON.stringify(await machine.qmp.execute('query-block'));
  t.match(blocks, /seed\.iso/, 'the seed is in the drive');
});

t.test('an image on a terminal', async (t) => {
  const folder = t.testdir();
  const image = await writeGuest(join(folder, 'image.raw'), 'ready', 'write', 'echo');
  const before = await readFile(image);
  await using machine = await bootImage(image, options, guestRun(join(folder, 'run')));
  t.ok(machine.sshPort, 'SSH is forwarded');
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const output = new PassThrough();
  const modes: boolean[] = [];
  let shown = '';
  let escapes = 0;
  output.on('data', (data) => {
    shown += data;
  });
  {
    using _terminal = attachTerminal(machine, input, output, () => {
      escapes += 1;
    });
    t.ok(await until(() => shown.includes('ready')));
    input.write('\u0003äb\u001dnot sent');
    t.ok(await until(() => shown.includes('\u0003äb')), 'Ctrl-C goes to the guest');
  }
  t.equal(escapes, 1, 'Ctrl-] does not');
  t.notMatch(shown, /not sent/);
  t.same(modes, [true, false], 'the terminal is given back');
  t.same(await machine.powerOff(0), { reason: 'host-quit' });
  t.same(await readFile(image), before, 'the image is as it was');
});

t.test('a medium finds an empty disk', async (t) => {
  const folder = t.testdir({ tree: {}, run: {} });
  await writeFile(join(folder, 'tree/hello'), 'hello');
  await mkdir(join(folder, 'run'), { recursive: true });
  await runFile('xorriso', ['-as', 'mkisofs', '-quiet', '-o', join(folder, 'medium.iso'), join(folder, 'tree')]);
  await using machine = await bootImage(join(folder, 'medium.iso'), options, guestRun(join(folder, 'run')));
  const blocks = JSON.stringify(await machine.qmp.execute('query-block'));
  t.match(blocks, /"virtual-size":\s*1073741824/);
  t.match(blocks, /medium\.iso/);
});
