/** What is told of media that install nothing, and the command. What distributions are told by: distributions.test.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { identify } from '../../src/media/identify.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { remaster } from '../../src/media/remaster.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { silentReporter } from '../../src/report.ts';
import { DATE, masterFixture } from './fixture.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const ingot = (...args: readonly string[]) => run(process.execPath, [MAIN, 'media', ...args], { allow: [0, 1, 2] });
const folder = t.testdir({});
const ALL_PATHS = ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb'];

t.test('media that install nothing are shown, and are told from those that do', async (t) => {
  const options = { initrdEntries: [], mediumFiles: [], kernelArguments: { installer: [], target: [] } };
  const menu = { start: 'ask', title: 'x' } as const;
  for (const [iso, paths, entries] of [
    ['/usr/lib/grub-rescue/grub-rescue-cdrom.iso', ['bios-cd', 'bios-usb'], 9],
    ['/usr/lib/memtest86+/memtest86+x64.iso', ALL_PATHS, 0],
    ['/usr/lib/ipxe/ipxe.iso', ['bios-cd', 'uefi-cd', 'bios-usb'], 1],
  ] as const) {
    const info = await inspectMedium(iso);
    t.strictSame(info.bootPaths, paths, iso);
    t.match(info, { installer: 'unknown', distribution: undefined });
    t.equal([...info.menus.values()].flat().length, entries);
    t.strictSame((await checkSoundness(await readMedium(iso))).problems, []);
    const output = join(folder, 'never.iso');
    const made = remaster({ ...options, menu, iso, output, date: DATE, reporter: silentReporter });
    await t.rejects(made, { code: /^media\.no-(installer|boot-menu)$/ }, iso);
  }
});

t.test('installers that are told by a file and a name', async (t) => {
  const original = await readMedium('/usr/lib/ipxe/ipxe.iso');
  for (const [volumeId, path, installer] of [
    ['Install-SLES-x86_64', '/LiveOS/squashfs.img', 'agama'],
    ['Fedora-WS-Live-40', '/LiveOS/squashfs.img', 'unknown'],
    ['Ubuntu 20.04', '/casper/filesystem.squashfs', 'casper'],
    ['Debian 11', '/install.386/initrd.gz', 'debian-installer'],
    ['Debian live', '/live/initrd.img', 'unknown'],
  ] as const) {
    const medium = { ...original, files: new Map([[path, []]]), volume: { ...original.volume, volumeId } };
    const identity = await identify(medium, []);
    t.equal(identity.installer, installer, `${volumeId} ${path}`);
    // Only volume ids of the RHEL family and Fedora have a form that tells the system.
    t.equal(identity.distribution?.name, volumeId.startsWith('Fedora') ? 'Fedora' : undefined, volumeId);
  }
});

t.test('the command: text, JSON, and what is wrong with a medium', async (t) => {
  const iso = await masterFixture(folder);
  const text = await ingot('inspect', iso);
  t.match(text, {
    exitCode: 0,
    stdout: /^system +Debian 12\.8 amd64\ninstaller +debian-installer {2}\(by \/\.disk\/info/,
  });
  t.match(text.stdout, /El Torito UEFI, \/boot\/grub\/efi\.img {2}→ UEFI from CD/);
  t.match(text.stdout, /kernel \/install\.amd\/vmlinuz\n {4}initrd \/install\.amd\/initrd\.gz/);
  t.match(text.stdout, /md5sum\.txt: holds \(\d+ files\)/);
  const json = JSON.parse((await ingot('inspect', '--json', iso)).stdout);
  t.match(json, { iso, installer: 'debian-installer', menus: { '/boot/grub/grub.cfg': [{ id: 'install' }] } });

  const bytes = await readFile(iso);
  const at = bytes.indexOf('not a kernel');
  bytes.write('NOT', at);
  const gpt = bytes.indexOf('EFI PART');
  bytes[gpt + 60] = (bytes[gpt + 60] ?? 0) ^ 1;
  const broken = join(folder, 'broken.iso');
  await writeFile(broken, bytes);
  const verified = await ingot('verify', broken);
  t.match(verified, { exitCode: 1, stderr: /media\.unsound[\s\S]*GPT's header has a wrong checksum/ });
  t.match(verified.stderr, /md5sum\.txt: \/install\.amd\/vmlinuz: another sum/);
  t.match(await ingot('inspect', broken), { exitCode: 0, stdout: /md5sum\.txt: DOES NOT HOLD/ });
  t.match(await ingot('inspect', join(folder, 'missing.iso')), { exitCode: 1, stderr: /media\.not-found/ });
  t.equal((await ingot('inspect')).exitCode, 2);
});

t.test('verify holds a medium against its original', async (t) => {
  const iso = join(folder, 'original.iso');
  const output = join(folder, 'web.iso');
  const options = { initrdEntries: [], kernelArguments: { installer: ['auto=true'], target: [] } };
  const menu = { start: 'ask', title: 'Install web01' } as const;
  const mediumFiles = [{ path: '/ingot/note', content: 'x' }];
  await remaster({ ...options, mediumFiles, menu, iso, output, date: DATE, reporter: silentReporter });
  const verified = await ingot('verify', output, '--original', iso);
  t.match(verified, { exitCode: 0, stdout: /^unchanged {2}\d+ files of .*original\.iso$/m }, verified.stderr);
  t.match(verified.stdout, /^changed {4}\/boot\/grub\/grub\.cfg$[\s\S]*^added {6}\/ingot\/note$/m);
  const json = JSON.parse((await ingot('verify', output, '--original', iso, '--json')).stdout);
  t.match(json, { problems: [], original: { added: ['/ingot/initrd.gz', '/ingot/note'] } });

  const other = join(folder, 'other.iso');
  const changes = ['-map', MAIN, '/pool/empty.deb', '-rm', '/install.amd/initrd.gz', '--', '-commit'];
  await run('xorriso', ['-no_rc', '-indev', iso, '-outdev', other, '-boot_image', 'any', 'replay', ...changes]);
  const lost = await ingot('verify', other, '--original', iso);
  t.match(lost, { exitCode: 1, stderr: /media\.verify-files[\s\S]*missing: \/install\.amd\/initrd\.gz/ });
  t.match(await ingot('verify', other), { exitCode: 1, stderr: /"Install" needs \/install\.amd\/initrd\.gz/ });
});
