/** Which menu each loader of a medium comes to; what is made unattended by it, and what is refused or said. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { waysText } from '../../src/cli/media/ways-text.ts';
import { digestFile } from '../../src/host/digest.ts';
import { run } from '../../src/host/run.ts';
import { readFat } from '../../src/media/boot/efi-image.ts';
import { bootTest } from '../../src/media/boot-test/boot-test.ts';
import { startedLines } from '../../src/media/boot-test/result.ts';
import { blessed } from '../../src/media/iso/hfs.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { grubCore } from '../../src/media/loaders/grub-core.ts';
import { memoryDisk } from '../../src/media/loaders/grub-memdisk.ts';
import { type GrubStart, runGrub } from '../../src/media/loaders/grub-run.ts';
import { followIsolinux } from '../../src/media/loaders/isolinux-way.ts';
import { uefiProgram } from '../../src/media/loaders/uefi-program.ts';
import { unattendedWays } from '../../src/media/loaders/unattended-ways.ts';
import { readBootMenus } from '../../src/media/menus/boot-menus.ts';
import { startSystemdEntry, systemdEntries, unattendSystemdBoot } from '../../src/media/menus/systemd-boot.ts';
import { unattendSyslinux } from '../../src/media/menus/unattend-syslinux.ts';
import { type RemasterOptions, remaster } from '../../src/media/remaster.ts';
import { checkKept } from '../../src/media/verify/kept-files.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { silentReporter } from '../../src/report.ts';
import { DATE, extractAll } from './fixture.ts';
import { INITRD, KERNEL, LOADER_MEDIA, makeLoaderMedium, makeRescue } from './loader-media.ts';

t.setTimeout(300_000);
const folder = t.testdir({});

const remastered = async (iso: string, options: Partial<RemasterOptions> = {}) => {
  const output = `${iso}.out`;
  const notes: string[] = [];
  const result = await remaster({
    iso,
    output,
    initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'answers' }],
    mediumFiles: [],
    kernelArguments: { installer: ['unattended=yes'], target: [] },
    menu: { start: 'ask', title: 'Install' },
    date: DATE,
    reporter: { ...silentReporter, note: (text) => void notes.push(text) },
    ...options,
  });
  return { output, notes, ...result };
};

/** The menus in which the entry has to stand for the loaders to show it. */
const REACHED: Readonly<Record<keyof typeof LOADER_MEDIA, readonly string[]>> = {
  arch: ['/boot/syslinux/archiso_sys.cfg', '/loader/entries'],
  'system-rescue': ['/sysresccd/boot/main.cfg', '/boot/grub/grubsrcd.cfg'],
  ifcpu: ['/isolinux/big.cfg', '/isolinux/small.cfg'],
  cores: ['/custom/entries.cfg'],
};

for (const [name, medium] of Object.entries(LOADER_MEDIA))
  t.test(name, async (t) => {
    const iso = await makeLoaderMedium(folder, name, medium);
    const before = await readMedium(iso);
    t.ok(unattendedWays(await readBootMenus(before)).every(({ problem }) => /no unattended entry/.test(problem ?? '')));
    const { output, notes, commandLines } = await remastered(iso);
    t.strictSame(notes, []);
    const after = await readMedium(output);
    const menus = await readBootMenus(after);
    const ways = unattendedWays(menus);
    t.ok(ways.length > 0);
    t.strictSame(
      ways.filter(({ problem }) => problem !== undefined),
      [],
      'every way comes to the entry',
    );
    for (const menu of REACHED[name as keyof typeof LOADER_MEDIA])
      t.ok(
        [...commandLines].some(([file, words]) => file.endsWith(menu) && / ?unattended=yes$/.test(words)),
        menu,
      );
    t.strictSame((await checkSoundness(after)).problems, []);
    t.strictSame((await checkKept(before, after, {})).removed, []);
    t.strictSame(after.volume.stamp, before.volume.stamp, 'what looks for it by its time finds it');
  });

t.test('systemd-boot: the entry, what starts, and the answers beside the kernel', async (t) => {
  const { iso, boot } = await readMedium(join(folder, 'arch.iso.out'));
  const image = { path: iso, offset: (boot.elTorito.at(-1)?.lba ?? 0) * BLOCK_SIZE };
  const text = async (path: string): Promise<string> => (await readFat(image, path)).toString();
  t.equal(await text('/loader/loader.conf'), 'default ingot*\ntimeout menu-force\n');
  t.equal(
    await text('/loader/entries/ingot.conf'),
    [
      'title   Install (ERASES THE DISK)',
      'linux   /live/vmlinuz',
      'initrd  /live/initrd.img',
      'initrd  /ingot/initrd.gz',
      'options archisobasedir=arch unattended=yes',
      '',
    ].join('\n'),
  );
  const tree = await extractAll(iso, join(folder, 'arch.out.tree'));
  t.ok((await readFat(image, '/ingot/initrd.gz')).equals(await readFile(join(tree, 'ingot/initrd.gz'))));
  const [partition] = boot.gpt.filter(({ name }) => name === 'Appended2');
  t.match(partition, { number: 2, type: '28732ac11ff8d211ba4b00a0c93ec93b', start: image.offset / 512 });

  const files = new Map([
    ['/loader/loader.conf', '# mine\ndefault x\n timeout 3\neditor no\n'],
    ['/loader/entries/b.conf', 'title B\nlinux /v\ninitrd /a\ninitrd /b\noptions one\noptions two # x\n'],
    ['/loader/entries/a.conf', 'title Memtest\nefi /memtest.efi\n'],
  ]);
  t.match(systemdEntries(files), [
    { id: 'a', title: 'Memtest', kernel: undefined },
    { id: 'b', title: 'B', kernel: '/v', initrds: ['/a', '/b'], arguments: ['one', 'two', '#', 'x'] },
  ]);
  const spec = { title: 'T', arguments: { installer: [], target: [] }, initrds: ['/i'], serial: false };
  for (const [start, timeout] of [
    ['now', '0'],
    ['countdown', '30'],
    ['ask', 'menu-force'],
  ] as const)
    t.equal(
      unattendSystemdBoot(files, { ...spec, start }).get('/loader/loader.conf'),
      `# mine\neditor no\ndefault ingot*\ntimeout ${timeout}\n`,
    );
  const [, entry] = systemdEntries(files);
  if (entry === undefined) throw new Error('no entry');
  const started = startSystemdEntry(files, entry, { installer: ['n=1'], target: [] });
  t.match(started.get('/loader/entries/b.conf'), /^options one two # x n=1$/m);
  t.match(started.get('/loader/loader.conf'), 'default b*\ntimeout 1\n');
  t.equal(unattendSystemdBoot(new Map([...files].slice(2)), { ...spec, start: 'now' }).size, 0);
});

t.test('an EFI partition after an isohybrid comes after it again, however it was appended', async (t) => {
  for (const appended of ['protective', 'both', 'partition-only'] as const) {
    const iso = await makeLoaderMedium(folder, appended, { ...LOADER_MEDIA.arch, appended });
    const before = await readMedium(iso);
    // Where something goes, it is written anew.
    for (const remove of appended === 'both' ? [['/.disk/marker']] : [[]]) {
      const { output } = await remastered(iso, { remove });
      const after = await readMedium(output);
      t.strictSame((await checkSoundness(after)).problems, [], appended);
      await checkKept(before, after, { removed: remove });
      const shape = ({ boot }: typeof after) => [
        boot.systemArea,
        boot.mbr.map(({ number, type, active }) => [number, type, active]),
        boot.gpt.flatMap(({ number, type, name }) => (/^Gap/.test(name ?? '') ? [] : [[number, type]])),
        boot.elTorito.map(({ platform, path }) => [platform, path]),
      ];
      t.strictSame(shape(after), shape(before), appended);
      const ways = unattendedWays(await readBootMenus(after));
      t.ok(
        ways.every(({ problem }) => problem === undefined),
        appended,
      );
      t.equal(ways.length, appended === 'partition-only' ? 3 : 4);
    }
  }
});

t.test('HFS+ beside ISO 9660, as grub-mkrescue makes it: written anew, and blessed as it was', async (t) => {
  const iso = await makeRescue(folder, 'rescue');
  const before = await readMedium(iso);
  t.strictSame(await blessed(before), [1]);
  const { output, notes } = await remastered(iso);
  t.strictSame(notes, []);
  const after = await readMedium(output);
  t.strictSame(await blessed(after), [1]);
  t.strictSame(after.boot.systemArea, before.boot.systemArea);
  t.strictSame((await checkSoundness(after)).problems, []);
  t.ok((await checkKept(before, after, {})).unchanged > 100);
  t.ok(unattendedWays(await readBootMenus(after)).every(({ problem }) => problem === undefined));
  const again = join(folder, 'again.iso');
  await copyFile(iso, again);
  const first = await digestFile(output, 'sha256');
  t.equal(await digestFile((await remastered(again)).output, 'sha256'), first, 'the same bytes again');

  // Another file is blessed: xorriso cannot be told which one it was.
  const odd = join(folder, 'odd.iso');
  const tree = await extractAll(iso, join(folder, 'odd.tree'));
  const args = ['-hfsplus', '-hfs-bless-by', 'p', '/boot', '-b', 'boot/grub/i386-pc/eltorito.img', '-no-emul-boot'];
  const table = ['-boot-load-size', '4', '-boot-info-table', '-c', 'c.cat', '-r', '-o', odd];
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', ...args, ...table, tree]);
  await t.rejects(remastered(odd), { code: 'media.layout', message: /HFS\+/ });
});

t.test('a loader that is not followed is refused by name, or said where another firmware is enough', async (t) => {
  const { files, isolinux } = LOADER_MEDIA['system-rescue'];
  const kernel = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux';
  const core = 'set prefix=(hd7,gpt9)/nowhere\n';
  for (const [name, efi, why] of [
    ['stub', { program: kernel }, /a kernel with an EFI stub\): it is not followed to its menu/],
    ['empty-core', { core }, /GRUB\): its core names no place of a menu that is on the medium/],
    ['systemd', { program: '/usr/lib/systemd/boot/efi/systemd-bootx64.efi' }, /no file in its \/loader\/entries/],
    ['shim', { program: '/usr/lib/shim/shimx64.efi.signed' }, /shim\): grubx64\.efi is not in its folder/],
  ] as const) {
    const iso = await makeLoaderMedium(folder, name, { files, isolinux, efi });
    const refused = { code: 'media.not-unattended', message: /UEFI from CD, UEFI from USB/, detail: why };
    await t.rejects(remastered(iso), refused, name);
    await t.rejects(remastered(iso, { firmware: 'uefi' }), { code: 'media.not-unattended' });
    const { notes, output } = await remastered(iso, { firmware: 'bios' });
    t.equal(notes.length, 2);
    for (const note of notes) t.match(note, /^not unattended: UEFI from /);
    const ways = unattendedWays(await readBootMenus(await readMedium(output)));
    const [reached, ...others] = waysText(ways);
    t.equal(reached, 'Unattended by: BIOS from CD, BIOS from USB (ISOLINUX)');
    t.equal(others.length, 2);
    for (const line of others) t.match(line, /^NOT unattended by UEFI from (CD|USB) \(/);
  }
});

t.test('GRUB from CD counts from the medium, or from the partition that its image is', async (t) => {
  const { files, isolinux } = LOADER_MEDIA['system-rescue'];
  const menu = "menuentry 'Install' {\n\tlinux (cd0)/live/vmlinuz\n\tinitrd (cd0)/live/initrd.img\n}\n";
  const medium = { files, efi: { core: 'set x=y\n' }, inImage: { 'boot/grub/grub.cfg': menu } };
  for (const [name, more, first] of [
    ['hybrid', { isolinux }, 'in the image'],
    ['plain', {}, 'on the medium'],
  ] as const) {
    const iso = await makeLoaderMedium(folder, `from-${name}`, { ...medium, ...more });
    const { output } = await remastered(iso);
    const menus = await readBootMenus(await readMedium(output));
    const places = menus.ways
      .filter(({ path }) => path === 'uefi-cd')
      .flatMap((way) => way.menus)
      .map((ref) => (ref.kind === 'grub' && ref.root.image === undefined ? 'on the medium' : 'in the image'));
    t.equal(places[0], first, name);
    t.equal(places.length, 2, 'both get the entry: firmware may tell of another size');
    t.ok(unattendedWays(menus).every(({ problem }) => problem === undefined));
  }
});

t.test('media that start by one kind of loader alone', async (t) => {
  const { efi, inImage, appended } = LOADER_MEDIA.arch;
  const base = { [KERNEL]: 'kernel', [INITRD]: 'i' };
  const iso = await makeLoaderMedium(folder, 'uefi-only', { files: base, efi, inImage });
  const { output } = await remastered(iso);
  t.strictSame(waysText(unattendedWays(await readBootMenus(await readMedium(output)))), [
    'Unattended by: UEFI from CD (systemd-boot)',
  ]);
  // What another processor would start is said, and no reason to refuse.
  const other = { ...inImage, 'EFI/BOOT/BOOTIA32.EFI': 'x' };
  const both = await remastered(await makeLoaderMedium(folder, 'ia32', { files: base, efi, inImage: other }));
  t.match(both.notes, [/^not unattended: UEFI from CD \(the boot image \/efi\.img, BOOTIA32\.EFI, an unknown program/]);
  const kernel = { program: '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux' };
  const none = await makeLoaderMedium(folder, 'kernel-only', { files: base, efi: kernel, appended });
  await t.rejects(remastered(none), {
    code: 'media.no-boot-menu',
    detail:
      /^UEFI from CD \(the boot image at block \d+, a kernel with an EFI stub\): it is not followed to its menu$/m,
  });
});

t.test('boot-test says of no firmware that it starts an entry to which its loader does not come', async (t) => {
  const accelerator = { accelerator: 'tcg', factor: 6 } as const;
  const iso = join(folder, 'stub.iso.out');
  const { results, passed } = await bootTest(iso, { accelerator, reporter: silentReporter, paths: ['uefi-cd'] });
  t.notOk(passed);
  t.match(results, [{ path: 'uefi-cd', outcome: 'fails', detail: /a kernel with an EFI stub comes to no menu/ }]);
  t.strictSame(startedLines(results), [], 'though there is an entry in a menu');
  const entry = { title: 'A', menu: '/a' };
  const boots = { outcome: 'boots', detail: '' } as const;
  t.strictSame(
    startedLines([
      { ...boots, path: 'bios-cd', entry },
      { ...boots, path: 'bios-usb', entry: { title: 'B', menu: '/b' } },
      { ...boots, path: 'uefi-cd', entry },
      { path: 'uefi-usb', outcome: 'fails', detail: 'x' },
    ]),
    ['bios-cd starts the entry "A"', 'bios-usb starts the entry "B"', 'UEFI starts the entry "A"'],
  );
});

t.test('ISOLINUX from its first file to its menus', (t) => {
  const entry = 'label a\n kernel v\n append initrd=i\n';
  for (const [name, files, menus, problems] of [
    ['a menu', { '/c': `ui menu.c32\n${entry}` }, ['/c /'], []],
    ['a prompt', { '/c': `default x\nprompt 1\nlabel x\n config d\n${entry}`, '/d': entry }, ['/c /'], []],
    ['by DEFAULT', { '/c': `default x\nlabel x\n config d\n${entry}`, '/d': entry }, ['/d /'], []],
    [
      'in an include',
      { '/c': 'default x\ninclude e\n', '/e': 'label x\n config f/d f\n', '/f/d': entry },
      ['/f/d /f'],
      [],
    ],
    ['APPEND first', { '/c': 'default x\nlabel x\n append f\n config /f/d\n', '/f/d': entry }, ['/f/d /f'], []],
    ['KERNEL config.c32', { '/c': 'default x\nlabel x\n kernel config.c32\n append d\n', '/d': entry }, ['/d /'], []],
    ['a menu elsewhere', { '/c': 'ui vesamenu.c32 d\n', '/d': entry }, ['/d /'], []],
    ['whichsys', { '/c': 'default whichsys.c32 -sys- p -iso- config.c32 d -pxe- q\n', '/d': entry }, ['/d /'], []],
    ['whichsys without', { '/c': 'default whichsys.c32 -sys- p\n' }, [], [/for ISOLINUX/]],
    [
      'ifcpu',
      { '/c': 'default ifcpu.c32 lm -- x -- y\nlabel x\n config d\nlabel y\n config e\n', '/d': entry },
      ['/d /'],
      [/e, which is not there/],
    ],
    [
      'a circle',
      { '/c': 'default x\nlabel x\n config d\n', '/d': 'default x\nlabel x\n config c\n' },
      [],
      [/comes back/],
    ],
    ['labels in a circle', { '/c': 'default x\nlabel x\n com32 ifcpu64.c32\n append x -- x\n' }, [], [/comes back/]],
    ['not followed', { '/c': 'default lua.c32 x.lua\n' }, [], [/lua\.c32, which is not followed/]],
  ] as const) {
    const found = followIsolinux(new Map(Object.entries(files)), { main: '/c', folder: '/' });
    t.strictSame(
      found.menus.map(({ main, folder: from }) => `${main} ${from}`),
      menus,
      name,
    );
    t.match(found.problems, problems, name);
    t.equal(found.problems.length, problems.length, name);
  }
  t.end();
});

t.test('GRUB from its core to its menus', (t) => {
  const menu = 'menuentry x {\n linux /v\n initrd /i\n}\n';
  const go = (texts: Readonly<Record<string, string>>, start: Partial<GrubStart>) => {
    const device = (name: string, own: Readonly<Record<string, string>>) => ({
      name,
      paths: [...Object.keys(own), '/d'],
      ignoresCase: name !== 'medium',
      aliases: name === 'medium' ? /^(cd0|hd0)$/ : /^hd0,gpt2$/,
      texts: new Map(Object.entries(own)),
    });
    const devices = [
      { ...device('medium', texts), label: 'L 1', uuid: '2026-01-01-00-00-00-00' },
      device('image1', {}),
    ];
    const first = {
      root: 'image1',
      disk: 'medium',
      prefix: '/boot/grub',
      config: undefined,
      cmdpath: '(image1)/EFI/BOOT',
    };
    return runGrub({ devices, ...first, platform: 'efi', cpu: 'x86_64', ...start });
  };
  const usual = { '/boot/grub/grub.cfg': menu };
  for (const [name, texts, start, menus, problems] of [
    ['its disk, not its partition', usual, { prefix: '()/boot/grub' }, ['/boot/grub/grub.cfg'], []],
    ['its own partition', usual, {}, [], [/not there or has no entries/]],
    [
      'by label',
      usual,
      { config: 'search --no-floppy --set=root -l "L 1"\nset prefix=($root)/boot/grub\n' },
      ['/boot/grub/grub.cfg'],
      [],
    ],
    [
      'by UUID',
      usual,
      { config: 'search.fs_uuid 2026-01-01-00-00-00-00 root hd0\nset prefix=($root)/boot/grub' },
      ['/boot/grub/grub.cfg'],
      [],
    ],
    [
      'by another UUID',
      usual,
      { config: 'search.fs_uuid 2025-01-01-00-00-00-00 root\nset prefix=($root)/boot/grub' },
      [],
      [/not there/],
    ],
    [
      'by file, into a variable',
      usual,
      { config: 'search --set dev --file /boot/grub/grub.cfg\nconfigfile ($dev)/boot/grub/grub.cfg' },
      ['/boot/grub/grub.cfg'],
      [],
    ],
    ['a disk by its name', usual, { prefix: '(cd0)/boot/grub' }, ['/boot/grub/grub.cfg'], []],
    [
      'past the usual one',
      { ...usual, '/m.cfg': menu },
      { root: 'medium', config: 'if [ "$grub_platform" = efi -a -e /m.cfg ]; then configfile /m.cfg; fi' },
      ['/m.cfg'],
      [],
    ],
    [
      'for another platform',
      { ...usual, '/m.cfg': menu },
      { root: 'medium', config: 'if [ x$grub_platform != xefi ]; then configfile /m.cfg; fi' },
      ['/boot/grub/grub.cfg'],
      [],
    ],
    [
      'by a function',
      { '/boot/grub/grub.cfg': 'function f { source /e.cfg; }\nf\n', '/e.cfg': menu },
      { root: 'medium' },
      ['/boot/grub/grub.cfg /e.cfg'],
      [],
    ],
    [
      'by a loop',
      { '/boot/grub/grub.cfg': 'for x in n m; do if test -f /$x.cfg; then source /$x.cfg; fi; done\n', '/m.cfg': menu },
      { root: 'medium' },
      ['/boot/grub/grub.cfg /m.cfg'],
      [],
    ],
    [
      'perhaps',
      {
        '/boot/grub/grub.cfg': 'if cpuid -l; then configfile /a.cfg; else configfile /b.cfg; fi\n',
        '/a.cfg': menu,
        '/b.cfg': menu,
      },
      { root: 'medium' },
      ['/a.cfg', '/b.cfg'],
      [],
    ],
    ['an empty menu', { '/boot/grub/grub.cfg': 'set x=y\n' }, { root: 'medium' }, [], [/has no entries/]],
    ['without a menu', { '/boot/grub/grub.cfg': 'linux /v\nboot\n' }, { root: 'medium' }, [], [/without a menu/]],
    [
      'another kind',
      { '/boot/grub/grub.cfg': 'syslinux_configfile /c\n' },
      { root: 'medium' },
      [],
      [/syslinux_configfile/, /no entries/],
    ],
    ['a circle', { '/boot/grub/grub.cfg': 'source /boot/grub/grub.cfg\n' }, { root: 'medium' }, [], [/no entries/]],
  ] as const) {
    const found = go(texts, start);
    t.strictSame(
      found.menus.map(({ files }) => files.map(({ path }) => path).join(' ')),
      menus,
      name,
    );
    t.match(found.problems, problems, name);
    t.equal(found.problems.length, problems.length, `${name}: ${found.problems.join('; ')}`);
  }
  t.end();
});

t.test("GRUB's disk in memory, as its makers pack it", async (t) => {
  const tree = t.testdir({
    boot: { grub: { 'grub.cfg': 'search --file --set=root /x\n' } },
    'font.pf2': 'F'.repeat(300_000),
  });
  const squash = async (...options: string[]): Promise<Buffer> => {
    const output = join(folder, `memdisk-${options.join('')}`);
    await run('mksquashfs', [tree, output, '-quiet', '-no-progress', ...options]);
    return readFile(output);
  };
  const tar = join(folder, 'memdisk.tar');
  await run('tar', ['--format=ustar', '-C', tree, '-cf', tar, 'boot', 'font.pf2']);
  for (const [name, bytes] of [
    ['xz', await squash('-comp', 'xz')],
    ['zlib', await squash('-comp', 'gzip')],
    ['not packed', await squash('-noI', '-noD', '-noF')],
    ['blocks, no fragments', await squash('-no-fragments')],
    ['tar', await readFile(tar)],
  ] as const) {
    const disk = await memoryDisk('memdisk', bytes, undefined);
    t.equal(disk?.texts.get('/boot/grub/grub.cfg'), 'search --file --set=root /x\n', name);
  }
  const cut = (await squash('-comp', 'xz')).subarray(0, 300);
  t.equal(await memoryDisk('memdisk', cut, undefined), undefined, 'cut');
  t.equal(await memoryDisk('memdisk', await squash('-comp', 'zstd'), undefined), undefined, 'packed in another way');
  t.equal(await memoryDisk('memdisk', Buffer.alloc(4096), undefined), undefined, 'none');
});

t.test('ISOLINUX: what only chooses between labels is no menu, and makes way for the entry', async (t) => {
  const text = 'ui ifcpu64.c32 a -- b\nlabel a\n linux /v\n initrd /i\nlabel b\n linux /w\n initrd /i\n';
  const root = { main: '/isolinux.cfg', folder: '/' };
  for (const directive of ['ui', 'default']) {
    const files = new Map([[root.main, text.replace('ui', directive)]]);
    t.strictSame(followIsolinux(files, root), { menus: [root], problems: [] });
    const arguments_ = { installer: ['u=1'], target: [] };
    const spec = { start: 'now', title: 'T', arguments: arguments_, initrds: ['/x'], serial: false } as const;
    const changed = unattendSyslinux(files, root, spec, () => false).get(root.main) ?? '';
    t.match(changed, new RegExp(`^# ${directive} ifcpu64`, 'm'));
    t.match(changed, /^default ingot$/m);
  }
  // Shown by a program that the first file has started: the time of a menu is all that can start it.
  const shown = new Map([
    ['/c.cfg', 'ui vesamenu.c32 d.cfg\n'],
    ['/d.cfg', 'label a\n linux /v\n initrd /i\n'],
  ]);
  const [menu] = followIsolinux(shown, { main: '/c.cfg', folder: '/' }).menus;
  t.strictSame(menu, { main: '/d.cfg', folder: '/', isShown: true });
  const plain = { title: 'T', arguments: { installer: [], target: [] }, initrds: [], serial: false };
  for (const [start, timeout] of [
    ['now', 1],
    ['countdown', 300],
    ['ask', 0],
  ] as const) {
    const changed = menu && unattendSyslinux(shown, menu, { ...plain, start }, () => false);
    t.match(changed?.get('/d.cfg'), new RegExp(`^default ingot\nprompt 0\ntimeout ${timeout}$`, 'm'));
  }
  // A configuration that is called as its maker likes.
  const { files, isolinux } = LOADER_MEDIA['system-rescue'];
  const odd = await makeLoaderMedium(folder, 'odd-name', {
    isolinux,
    files: {
      ...files,
      'isolinux/isolinux.cfg': 'default x\nlabel x\n\tconfig /elsewhere/menu.lst\n',
      'elsewhere/menu.lst': files['sysresccd/boot/linux.cfg'],
    },
  });
  const { output } = await remastered(odd);
  t.ok(unattendedWays(await readBootMenus(await readMedium(output))).every(({ problem }) => problem === undefined));
});

t.test('what is in cores, and what a program says of itself', async (t) => {
  const signed = await readFile('/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed');
  t.match(grubCore(signed), { prefix: '/EFI/debian', config: /^normal \(memdisk\)\/grub\.cfg/ });
  const packed = await readFile(join(folder, 'cores.tree/grub-bios/core.img'));
  t.match(grubCore(packed), { prefix: '/boot/grub', config: /configfile \/custom\/menu\.cfg/ });
  const damaged = Buffer.from(packed);
  damaged.fill(0x55, damaged.length - 20_000, damaged.length - 10_000);
  t.equal(grubCore(damaged), undefined);
  t.equal(grubCore(Buffer.alloc(5000, 'mimg')), undefined);
  t.equal(grubCore(await readFile('/usr/lib/ISOLINUX/isolinux.bin')), undefined);
  t.match(uefiProgram(await readFile('/usr/lib/shim/shimx64.efi.signed')), { kind: 'shim', next: 'grubx64.efi' });
  t.match(uefiProgram(Buffer.from('x UEFI SHIM x \0\0')), { kind: 'shim', next: undefined });
  const suse = Buffer.concat([Buffer.from('UEFI SHIM.'), Buffer.from('\\grub.efi\0', 'utf16le')]);
  t.match(uefiProgram(suse), { kind: 'shim', next: 'grub.efi' });
  t.match(uefiProgram(Buffer.from('About rEFInd', 'utf16le')), { kind: 'other', name: 'rEFInd' });
  t.match(uefiProgram(Buffer.from('')), { kind: 'other', name: /unknown/ });
});
