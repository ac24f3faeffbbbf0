/** Kernel command lines and titles, as every menu has them. */
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../../src/host/run.ts';
import { grubEntries } from '../../../src/media/menus/grub.ts';
import { grubEntry } from '../../../src/media/menus/grub-edit.ts';
import { setArguments, splitArguments, unattendedArguments } from '../../../src/media/menus/menu-arguments.ts';
import { relabel } from '../../../src/media/menus/relabel.ts';
import { syslinuxEntry } from '../../../src/media/menus/syslinux-edit.ts';
import { titleOf } from '../../../src/media/menus/unattended.ts';
import { SPEC } from './unattended-spec.ts';

t.test('a new volume id, wherever a menu means the label', async (t) => {
  const old = 'My OS 9~x';
  for (const [before, after] of [
    [
      'append initrd=i inst.stage2=hd:LABEL=My\\x20OS\\x209\\x7ex quiet',
      'append initrd=i inst.stage2=hd:LABEL=NEW quiet',
    ],
    ['linux /k root=live:CDLABEL=My\\\\x20OS\\\\x209\\\\x7ex rw', 'linux /k root=live:CDLABEL=NEW rw'],
    ['linux /k inst.ks=hd:LABEL=My\\x20OS\\x209\\x7ex:/ks.cfg', 'linux /k inst.ks=hd:LABEL=NEW:/ks.cfg'],
    ['linux /k x=/dev/disk/by-label/My\\x20OS\\x209\\x7ex/y', 'linux /k x=/dev/disk/by-label/NEW/y'],
    ["search --no-floppy --set=root -l 'My OS 9~x'", "search --no-floppy --set=root -l 'NEW'"],
    ['  search --label "My OS 9~x" --set root', '  search --label "NEW" --set root'],
    ['if true; then search.fs_label My\\ OS\\ 9~x root; fi', 'if true; then search.fs_label NEW root; fi'],
    ["set isolabel='My OS 9~x'", "set isolabel='NEW'"],
  ] as const)
    t.equal(relabel(before, old, 'NEW'), after);
  for (const text of [
    "menuentry 'My OS 9~x' {\n}",
    'linux /k inst.stage2=hd:LABEL=My\\x20OS\\x209\\x7ex2',
    'search --file /My OS 9~x',
    'label My OS 9~x',
  ])
    t.equal(relabel(text, old, 'NEW'), text);
  t.equal(relabel('a LABEL=My\\x20OS b', 'My', 'NEW'), 'a LABEL=My\\x20OS b', 'not a part of another label');

  const folder = t.testdir({ tree: {} });
  const iso = join(folder, 'x.iso');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', old, '-o', iso, join(folder, 'tree')]);
  const { stdout } = await run('blkid', ['-p', '-o', 'udev', iso]);
  const [, encoded] = /^ID_FS_LABEL_ENC=(.+)$/m.exec(stdout) ?? [];
  t.equal(relabel(`LABEL=${encoded}`, old, 'NEW'), 'LABEL=NEW', `as udev has it: ${encoded}`);
});

t.test('what answers beside the recipe goes, what finds the medium stays', (t) => {
  const set = { installer: ['auto=true', 'preseed/file=/ours'], target: [] };
  const gone = [
    ...[
      'preseed/file=/cdrom/preseed.cfg',
      'preseed/url=http://x/p',
      'file=/cdrom/preseed/ubuntu.seed',
      'url=x',
      'auto=false',
    ],
    ...[
      'priority=low',
      'locale=de_DE',
      'keymap=de',
      'netcfg/get_hostname=x',
      'netcfg/choose_interface?=auto',
      'rescue/enable=true',
    ],
    ...[
      'debian-installer/locale=de_DE',
      'partman-auto/method=lvm',
      'hostname=x',
      'domain=',
      'auto-install/enable=true',
      'auto',
    ],
    ...[
      'ks=cdrom:/ks.cfg',
      'inst.ks=hd:LABEL=X:/ks.cfg',
      'inst.ks.sendmac',
      'ksdevice=link',
      'inst.lang=de_DE',
      'inst.rescue',
      'rescue',
    ],
    ...[
      'inst.vnc',
      'inst.graphical',
      'inst.text',
      'vnc',
      'text',
      'ip=dhcp',
      'ip=10.0.0.2::10.0.0.1:255.255.255.0:x:eth0:off',
    ],
    ...[
      'nameserver=10.0.0.1',
      'BOOTIF=01-aa',
      'bond=bond0:a,b',
      'rd.route=1',
      'autoinstall',
      'ds=nocloud;s=/cdrom/',
      'ds=nocloud-net;s=http://x/',
    ],
    ...[
      'cloud-config-url=http://x',
      'subiquity.autoinstallpath=a.yaml',
      'autoyast=usb:///a.xml',
      'inst.auto=http://x',
      'agama.auto=x',
    ],
    ...['automatic-ubiquity', 'maybe-ubiquity'],
  ];
  const kept = [
    ...[
      'inst.stage2=hd:LABEL=X',
      'inst.repo=cdrom',
      'inst.addrepo=a,b',
      'boot=casper',
      'iso-scan/filename=/a.iso',
      'cdrom-detect/cdrom_device=/dev/sr1',
    ],
    ...[
      'root=live:CDLABEL=X',
      'rd.live.image',
      'BOOT_IMAGE=/casper/vmlinuz',
      'modprobe.blacklist=x',
      'nomodeset',
      'acpi=off',
      'inst.dd',
      'fsck.mode=skip',
    ],
    ...[
      'install=cd:/?device=disk/by-label/X',
      'rd.luks=0',
      'net.ifnames=0',
      'cdrom',
      'live-media-path=/casper',
      'inst.nompath',
    ],
  ];
  for (const word of gone) t.strictSame(unattendedArguments([word], set), set.installer, word);
  for (const word of kept) t.strictSame(unattendedArguments([word], set), [word, ...set.installer], word);
  t.strictSame(unattendedArguments(['a', 'a=1', 'b=1', 'b=2', 'c'], { ...set, removed: ['a', 'b=2', 'auto'] }), [
    'b=1',
    'c',
    'preseed/file=/ours',
  ]);
  const console = { installer: ['console=tty0', 'a'], target: ['console=ttyS0'], removed: ['console'] };
  t.strictSame(unattendedArguments(['console=hvc0', 'b'], console), ['b', 'a'], 'on both sides, without an empty one');
  t.end();
});

t.test('kernel arguments keep to their side of ---', (t) => {
  const words = ['vga=788', 'console=tty0', '---', 'quiet', 'console=tty0'];
  t.strictSame(splitArguments(words), { installer: ['vga=788', 'console=tty0'], target: ['quiet', 'console=tty0'] });
  t.strictSame(setArguments(words, { installer: ['console=ttyS0', 'a/b=c'], target: [] }), [
    ...['vga=788', 'console=ttyS0', 'a/b=c', '---', 'quiet', 'console=tty0'],
  ]);
  t.strictSame(setArguments([], { installer: [], target: ['x'] }), ['---', 'x']);
  t.strictSame(setArguments(['a', '--', 'b'], { installer: ['c'], target: ['b'] }), ['a', 'c', '---', 'b']);
  t.strictSame(unattendedArguments(['vga=788', 'inst.stage2=hd:LABEL=X', 'quiet', '---', 'quiet'], SPEC.arguments), [
    'inst.stage2=hd:LABEL=X',
    'auto=true',
    'console=ttyS0,115200n8',
    '---',
    'console=ttyS0',
  ]);
  for (const word of ['two words', 'line\nbreak', 'a'.repeat(2001)]) {
    t.throws(() => unattendedArguments([], { installer: [word], target: [] }), { code: 'media.arguments' });
  }
  t.end();
});

const BARE_ENTRY = { id: 'x', kernel: '/v', initrds: ['/i'], arguments: [] };

t.test('the title says what happens to the disk', (t) => {
  t.equal(titleOf('Install web01'), 'Install web01 (ERASES THE DISK)');
  t.equal(titleOf('Install - erases everything'), 'Install - erases everything');
  t.equal(titleOf('a\nlabel ^b ü 1.0~rc1'), 'a?label ?b ? 1.0~rc1 (ERASES THE DISK)');
  t.equal(titleOf('x'.repeat(200)), `${'x'.repeat(60)} (ERASES THE DISK)`);
  t.throws(() => titleOf(' \n'.trim()), { code: 'media.menu-title' });
  const quoted = syslinuxEntry({ ...BARE_ENTRY, title: titleOf("it's $5") }, false);
  t.match(quoted, /^\tmenu label it's \$5 \(ERASES THE DISK\)$/m);
  const grub = grubEntry({ ...BARE_ENTRY, title: titleOf("it's $5 `x`") }, { linux: 'linux', initrd: 'initrd' });
  t.equal(grubEntries(grub)[0]?.title, "it's $5 `x` (ERASES THE DISK)");
  t.end();
});
