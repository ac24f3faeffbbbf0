/** What the parts of test/stock-images do by themselves, without a mirror and without a machine. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { IngotError, none } from '../../src/errors.ts';
import { run } from '../../src/host/run.ts';
import { BIOS_BOOT, ESP, fstab, partitionTable, ROOT_START, rootSize, SECTOR, writeDisk } from './disk.ts';
import { placedGrub } from './grub-bios.ts';
import { MAKERS, STOCK_NAMES } from './makers.ts';
import { requireHost } from './needs.ts';
import { NotMade, skipReason } from './not-made.ts';
import { NOCLOUD } from './vendors.ts';

t.test('boot.img and core.img as grub-bios-setup leaves them', async (t) => {
  const modules = '/usr/lib/grub/i386-pc';
  const boot = await readFile(join(modules, 'boot.img'));
  const core = await readFile(join(modules, 'diskboot.img'));
  const { bootCode, core: placed } = placedGrub(boot, core, 2048);
  t.equal(bootCode.length, 440, 'what follows is the disk signature and the table of partitions');
  t.equal(bootCode.readBigUInt64LE(0x5c), 2048n);
  t.equal(bootCode.readUInt16BE(0x66), 0x9090);
  t.equal(placed.readBigUInt64LE(500), 2049n);
  t.same(
    placed.subarray(508),
    core.subarray(508),
    'how much there is, and where it goes in memory, is as grub-mkimage wrote it',
  );
  t.not(boot.readUInt16BE(0x66), 0x9090, 'the given one is left alone');
});

t.test('a disk without a loop device, as others read it', async (t) => {
  const folder = t.testdir({ root: { etc: { fstab: fstab(NOCLOUD.ids) } } });
  const image = join(folder, 'disk.img');
  const size = 512 * 2 ** 20;
  await writeDisk(join(folder, 'root'), image, { size, ids: NOCLOUD.ids });
  t.equal((await stat(image)).size, size);
  const { stdout } = await run('sfdisk', ['--json', image]);
  t.match(JSON.parse(stdout).partitiontable, {
    label: 'gpt',
    partitions: [
      { start: ROOT_START, size: rootSize(size), uuid: NOCLOUD.ids.rootPartition.toUpperCase() },
      { start: BIOS_BOOT.start, size: BIOS_BOOT.size },
      { start: ESP.start, size: ESP.size },
    ],
  });
  const at = `${image}?offset=${ROOT_START * SECTOR}`;
  const { stdout: statistics } = await run('debugfs', ['-R', 'stats -h', at]);
  t.match(statistics, new RegExp(`Filesystem UUID: +${NOCLOUD.ids.rootFs}`));
  const blocks = Number(/^Block count: +(\d+)/m.exec(statistics)?.[1]);
  const block = Number(/^Block size: +(\d+)/m.exec(statistics)?.[1]);
  t.equal(blocks * block, rootSize(size) * SECTOR, 'the file system is as large as its partition, and not larger');
  t.equal((await run('debugfs', ['-R', 'cat /etc/fstab', at])).stdout.trim(), fstab(NOCLOUD.ids).trim());
  t.match(partitionTable(NOCLOUD.ids, size), /disk1 .*\ndisk14 .*\ndisk15 /);
});

t.test('why an image cannot be made is named', async (t) => {
  const error = await requireHost('thing', { packages: ['dpkg', 'no-such-package'], host: [] }).catch(
    (one: unknown) => one,
  );
  t.ok(error instanceof NotMade);
  t.match(
    skipReason(error),
    /thing cannot be made here: no-such-package is not installed \(apt-get install .*no-such-package\)/,
  );
  await requireHost('thing', { packages: ['dpkg'], host: [] });
  t.equal(
    skipReason(new IngotError('host.command-failed', 'mke2fs ended with status 1', { hint: none('a test') })),
    undefined,
  );
  t.equal(skipReason(new Error('a fault')), undefined);
  t.match(skipReason(new IngotError('origin.no-mirror', 'no mirror', { hint: none('a test') })), /no mirror/);
});

t.test('what is installed for the tests is what the first two images need', async (t) => {
  const listed = (await readFile(join(import.meta.dirname, '../../bin/host-packages.txt'), 'utf8'))
    .split('\n')
    .map((line) => line.split(/\s+/)[0]);
  for (const name of ['mmdebstrap-nocloud', 'mmdebstrap-cloud'] as const)
    for (const tool of MAKERS[name].needs.packages) t.ok(listed.includes(tool), `${name}: ${tool}`);
});

t.test('every image is told of', async (t) => {
  const page = await readFile(join(import.meta.dirname, '../../docs/stock-images.md'), 'utf8');
  for (const name of STOCK_NAMES) t.ok(page.includes(`| \`${name}\` |`), name);
  for (const [name, maker] of Object.entries(MAKERS))
    for (const file of maker.code) t.ok(await stat(join(import.meta.dirname, file)), `${name}: ${file}`);
});
