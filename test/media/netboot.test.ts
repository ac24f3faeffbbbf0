/** What is made for a network boot of an unattended medium: one initrd with everything in it, and scripts. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { readCpio } from '../../src/media/initrd/cpio-reader.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import type { MenuStart } from '../../src/media/menus/unattended.ts';
import { makeNetboot } from '../../src/media/netboot/netboot.ts';
import { remaster } from '../../src/media/remaster.ts';
import { silentReporter } from '../../src/report.ts';
import { DATE, masterFixture } from './fixture.ts';
import { makeDistribution } from './make-distribution.ts';

t.setTimeout(120_000);
const folder = t.testdir({ own: {} });
const reporter = silentReporter;
const original = await masterFixture(join(folder, 'own'));
const iso = join(folder, 'unattended.iso');

t.before(() =>
  remaster({
    iso: original,
    output: iso,
    initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'the answers' }],
    mediumFiles: [],
    kernelArguments: { installer: ['auto=true', 'quote=$x'], target: ['quiet'] },
    menu: { start: 'now', title: "web's" },
    date: DATE,
    reporter,
  }),
);

const made = async (name: string, start: MenuStart) => {
  const out = join(folder, name);
  await mkdir(out);
  const { commandLine } = await makeNetboot({ iso, folder: out, start, reporter });
  const read = (file: string) => readFile(join(out, file));
  return { out, commandLine, read, text: async (file: string) => String(await read(file)) };
};

t.test('the initrd has the installer, the answers and the medium', async (t) => {
  const { read, commandLine } = await made('first', 'now');
  t.equal(commandLine, 'auto=true quote=$x --- quiet');
  const medium = await readMedium(iso);
  t.ok((await read('linux')).equals(await readMediumFile(medium, '/install.amd/vmlinuz')));
  const initrd = await read('initrd.gz');
  const entries = new Map(
    await Array.fromAsync(
      readCpio([initrd], () => true),
      (entry) => [entry.path, entry] as const,
    ),
  );
  t.match(entries.get('lib'), { type: 'symlink' }, "the installer's own");
  t.match(entries.get('preseed.cfg'), { mode: 0o600 });
  t.match(entries.get('lib/debian-installer-startup.d/S09ingot-medium'), { mode: 0o755 });
  for (const path of ['/.disk/info', '/pool/größe.deb', '/pool/empty.deb', "/pool/it's a name.deb"]) {
    const entry = entries.get(`cdrom${path}`);
    t.ok(entry?.type === 'file' && (await readMediumFile(medium, path)).equals(Buffer.from(entry.content ?? [])), path);
  }
  const twice = [...entries.keys()].filter((path) => /^cdrom\/(install.amd|isolinux|boot|EFI)\//.test(path));
  t.same(twice, [], 'what only boots the medium is not there');
  t.ok(initrd.equals(await (await made('second', 'now')).read('initrd.gz')), 'the same medium gives the same bytes');
});

t.test('the scripts start as the medium would', async (t) => {
  for (const [start, ipxe, grub] of [
    ['now', /^#!ipxe\n:install\n/, /^set timeout=0$/m],
    ['countdown', /^choose --timeout 30000 --default install target/m, /^set timeout=30$/m],
    ['ask', /^choose --default leave target/m, /^set timeout=-1$/m],
  ] as const) {
    const { out, text } = await made(start, start);
    t.match(await text('boot.ipxe'), ipxe);
    t.match(await text('boot.ipxe'), /^kernel linux initrd=initrd\.gz auto=true quote=\$x --- quiet$/m);
    t.match(await text('grub.cfg'), grub);
    t.match(await text('grub.cfg'), /ERASES THE DISK/);
    t.equal((await run('grub-script-check', [join(out, 'grub.cfg')])).exitCode, 0, 'by GRUB’s own parser');
  }
});

t.test('media of which none can be made', async (t) => {
  const options = { folder, start: 'now', reporter } as const;
  await t.rejects(makeNetboot({ ...options, iso: original }), { code: 'media.no-installer' });
  const fedora = await makeDistribution(folder, 'fedora');
  await t.rejects(makeNetboot({ ...options, iso: fedora }), { code: 'media.netboot-installer' });
});
