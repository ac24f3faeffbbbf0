/** What is told of media that install nothing, and the command. What distributions are told by: distributions.test.ts. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { identify } from '../../src/media/identity/identify.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
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

/** Volume id, a file with its content, and what it is: name, release, osinfo's id, installer. */
type Told = readonly [string, Readonly<Record<string, string>>, string | undefined, string | undefined, string];

const TOLD: readonly Told[] = [
  ['Install-SLES-x86_64', { '/LiveOS/squashfs.img': '' }, undefined, undefined, 'agama'],
  ['agama-installer', { '/LiveOS/squashfs.img': '' }, undefined, undefined, 'agama'],
  ['Fedora-WS-Live-40', { '/LiveOS/squashfs.img': '' }, 'Fedora 40', 'fedora40', 'unknown'],
  ['Fedora-WS-Live-41-1-4', {}, 'Fedora 41', 'fedora41', 'unknown'],
  ['Fedora-i3-Live-41-1-4', {}, 'Fedora 41', 'fedora41', 'unknown'],
  ['Fedora-KDE-Live-42_B-1-2', {}, 'Fedora 42', 'fedora42', 'unknown'],
  ['Fedora-S-dvd-x86_64-41', {}, 'Fedora 41', 'fedora41', 'unknown'],
  ['Fedora-SB-ostree-x86_64-rawh', {}, 'Fedora rawhide', 'fedora-rawhide', 'unknown'],
  ['Fedora_20_ppc64', {}, 'Fedora 20', 'fedora20', 'unknown'],
  ['RHEL-9-4-0-BaseOS-x86_64', {}, 'Red Hat Enterprise Linux 9.4', 'rhel9.4', 'unknown'],
  ['Rocky-9-4-x86_64-dvd', {}, 'Rocky Linux 9.4', 'rocky9', 'unknown'],
  ['CentOS-Stream-9-BaseOS-x86_64', {}, 'CentOS Stream 9', 'centos-stream9', 'unknown'],
  ['OL-8-10-0-BaseOS-x86_64', {}, 'Oracle Linux 8.10', 'ol8.10', 'unknown'],
  [
    'fedora-coreos-41.20241122.3.0',
    { '/coreos/igninfo.json': '{}' },
    'Fedora CoreOS 41',
    undefined,
    'coreos-installer',
  ],
  ['Ubuntu 20.04.6 LTS amd64', { '/casper/filesystem.squashfs': '' }, 'Ubuntu 20.04.6', 'ubuntu20.04', 'casper'],
  [
    'Ubuntu-Server 20.04.6 LTS amd64',
    { '/casper/installer.squashfs': '' },
    'Ubuntu-Server 20.04.6',
    'ubuntu20.04',
    'subiquity',
  ],
  [
    'Ubuntu-Server 18.04.6 LTS amd64',
    { '/casper/filesystem.squashfs': '' },
    'Ubuntu-Server 18.04.6',
    'ubuntu18.04',
    'subiquity',
  ],
  [
    'Ubuntu-Server 18.04.6 LTS amd64',
    { '/install/netboot/x/initrd.gz': '' },
    'Ubuntu-Server 18.04.6',
    'ubuntu18.04',
    'debian-installer',
  ],
  ['Linux Mint 21.3 Cinnamon 64-bit', { '/casper/vmlinuz': '' }, 'Linux Mint 21.3', undefined, 'casper'],
  ['elementary OS 7.1 Horus', { '/casper/vmlinuz': '' }, 'elementary OS 7.1', 'elementary7.1', 'casper'],
  ['Debian 11', { '/install.386/initrd.gz': '' }, undefined, undefined, 'debian-installer'],
  ['Debian 12.8.0 amd64 n', {}, 'Debian 12.8.0', 'debian12', 'unknown'],
  ['Debian live', { '/live/initrd.img': '' }, undefined, undefined, 'unknown'],
  ['alpine-std 3.20.3 x86_64', { '/boot/modloop-lts': '' }, 'Alpine Linux 3.20.3', 'alpinelinux3.20', 'alpine'],
  ['ARCH_202410', { '/arch/x86_64/airootfs.sfs': '' }, 'Arch Linux 202410', 'archlinux', 'arch'],
  ['ARCH_202410', { '/arch/version': '2024.10.01\n' }, 'Arch Linux 2024.10.01', 'archlinux', 'arch'],
  ['nixos-minimal-24.05-x86_64', { '/nix-store.squashfs': '' }, 'NixOS 24.05', 'nixos-24.05', 'nixos'],
  ['nixos-plasma5-23.11-x86_64', { '/nix-store.squashfs': '' }, 'NixOS 23.11', 'nixos-23.11', 'nixos'],
  ['PVE', { '/pve-installer.squashfs': '' }, 'Proxmox VE unknown', undefined, 'proxmox'],
  [
    'PVE',
    { '/.cd-info': "PRODUCT='pve'\nPRODUCTLONG='Proxmox VE'\nRELEASE='8.2'\n", '/boot/linux26': '' },
    'Proxmox VE 8.2',
    undefined,
    'proxmox',
  ],
  ['XCP-ng 8.3.0', { '/install.img': '', '/boot/xen.gz': '' }, 'XCP-ng 8.3.0', undefined, 'xcp-ng'],
  [
    'XCP-ng',
    { '/.treeinfo': '[platform]\nname = XCP\n[branding]\nname = XCP-ng\nversion = 8.2.1\n' },
    'XCP-ng 8.2.1',
    undefined,
    'unknown',
  ],
  ['openSUSE-Leap-15.6-DVD-x86_647', {}, 'openSUSE-Leap 15.6', 'opensuse15.6', 'unknown'],
  ['openSUSE_Leap_15.4_GNOME_Live', {}, 'openSUSE-Leap 15.4', 'opensuse15.4', 'unknown'],
  ['SLE-15-SP5-Full-x86_64', {}, 'SLE 15-SP5', 'sle15sp5', 'unknown'],
  ['CentOS_6.10_Final', {}, 'CentOS Linux 6.10', 'centos6.10', 'unknown'],
  ['RHEL/5.11 x86_64', {}, 'Red Hat Enterprise Linux 5.11', 'rhel5.11', 'unknown'],
  ['MY_DISC_41', {}, undefined, undefined, 'unknown'],
];

t.test('systems and installers that are told by files and names', async (t) => {
  const original = await readMedium('/usr/lib/ipxe/ipxe.iso');
  const tree = join(folder, 'told');
  await mkdir(tree, { recursive: true });
  for (const [volumeId, files, system, osinfo, installer] of TOLD) {
    // The contents lie one after the other in a file that stands for a medium.
    const places = Object.entries(files).map(([path, content], index) => ({ path, content, lba: index }));
    const bytes = Buffer.concat(places.map(({ content }) => Buffer.from(content.padEnd(BLOCK_SIZE, '\0'))));
    const iso = join(tree, 'medium');
    await writeFile(iso, bytes);
    const named = new Map(places.map(({ path, content, lba }) => [path, [{ lba, size: content.length }]]));
    const medium = { ...original, iso, files: named, volume: { ...original.volume, volumeId } };
    const { distribution, ...identity } = await identify(medium, []);
    const said = distribution && `${distribution.name} ${distribution.release}`;
    t.strictSame([said, identity.osinfo, identity.installer], [system, osinfo, installer], volumeId);
  }
  const entry = {
    id: 'x',
    title: 'Install SUSE Linux Enterprise Server 16.0',
    kernel: '/l',
    initrds: ['/i'],
    arguments: [],
  };
  const medium = { ...original, files: new Map(), volume: { ...original.volume, volumeId: 'Install-SLES-x86_64' } };
  t.match(await identify(medium, [entry]), { distribution: { name: 'SUSE Linux Enterprise Server', release: '16.0' } });
});

t.test('the command: text, JSON, and what is wrong with a medium', async (t) => {
  const iso = await masterFixture(folder);
  const text = await ingot('inspect', iso);
  t.match(text, {
    exitCode: 0,
    stdout: /^system +Debian 12\.8 amd64 {2}\(osinfo: debian12\)\ninstaller +debian-installer {2}\(by \/\.disk\/info/,
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
