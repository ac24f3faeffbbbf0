/** Remastering: what changes, what must not, and that the checks afterwards see what is wrong. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { digestFile } from '../../src/host/digest.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { makeEfiImage, readFat } from '../../src/media/boot/efi-image.ts';
import { md5, parseSums } from '../../src/media/checks/md5sums.ts';
import { hostTree } from '../../src/media/content/host-tree.ts';
import { distributionOnMedium } from '../../src/media/identity/identify.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { writeIso } from '../../src/media/iso/write-iso.ts';
import { type RemasterOptions, remaster } from '../../src/media/remaster.ts';
import { bootProblems } from '../../src/media/verify/boot-kept.ts';
import { checkKept } from '../../src/media/verify/kept-files.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { verifyMedium } from '../../src/media/verify/verify.ts';
import { silentReporter } from '../../src/report.ts';
import { copyOf, DATE, extractAll, masterFixture, rebuilt } from './fixture.ts';

const folder = t.testdir({});
const original = await masterFixture(folder);

const remastered = async (iso: string, output: string, options: Partial<RemasterOptions> = {}) => ({
  iso: output,
  ...(await remaster({
    iso,
    output,
    initrdEntries: [
      { type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'd-i a/b string c\n' },
      { type: 'file', path: 'lib/debian-installer-startup.d/S00ingot', mode: 0o755, content: '#!/bin/sh\n' },
    ],
    mediumFiles: [
      { path: '/preseed.cfg', content: 'd-i a/b string c\n' },
      { path: '/ingot/hooks/it is.sh', from: '/etc/hostname' },
    ],
    kernelArguments: { installer: ['auto=true'], target: ['console=ttyS0'] },
    menu: { start: 'ask', title: 'Install web01' },
    date: DATE + 60,
    reporter: silentReporter,
    ...options,
  })),
});

const ADDED = ['/ingot/hooks/it is.sh', '/ingot/initrd.gz', '/preseed.cfg'];
const CHANGED = ['/boot/grub/grub.cfg', '/isolinux/isolinux.cfg', '/md5sum.txt'];

t.test('only the stated files change, and every sum holds', async (t) => {
  const result = await remastered(original, join(folder, 'ask.iso'), { volumeId: 'WEB01' });
  t.strictSame(result.changed, [...ADDED, ...CHANGED].sort());
  t.strictSame(
    [...result.commandLines],
    [
      ['/isolinux/isolinux.cfg', 'auto=true --- console=ttyS0'],
      ['/boot/grub/grub.cfg', 'auto=true --- console=ttyS0'],
    ],
  );
  const before = await extractAll(original, join(folder, 'before'));
  const after = await extractAll(result.iso, join(folder, 'after'));
  await run('md5sum', ['-c', '--quiet', '--strict', 'md5sum.txt'], { cwd: after });
  const [was, is] = [await sumsBelow(before), await sumsBelow(after)];
  const differing = [...is].filter(([path, sum]) => was.get(path) !== sum).map(([path]) => path);
  // boot-info-table: the boot image knows where it lies.
  t.strictSame(differing.sort(), [...ADDED, ...CHANGED, '/isolinux/isolinux.bin'].sort());
  t.strictSame(
    [...was.keys()].filter((path) => !is.has(path)),
    [],
  );
  const info = await inspectMedium(result.iso);
  t.equal(info.volume.volumeId, 'WEB01');
  t.strictSame(info.bootPaths, ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb']);
  t.strictSame(
    [...info.menus.values()].map((entries) => entries.map(({ id, initrds }) => [id, ...initrds])),
    Array(2).fill([
      ['ingot', '/install.amd/initrd.gz', '/ingot/initrd.gz'],
      ['install', '/install.amd/initrd.gz'],
    ]),
  );
});

/** Path to MD5 by md5sum. */
const sumsBelow = async (root: string): Promise<Map<string, string>> => {
  const { stdout } = await run('find', ['.', '-type', 'f', '-not', '-name', 'boot.cat', '-exec', 'md5sum', '{}', '+'], {
    cwd: root,
  });
  return new Map(stdout.split('\n').map((line) => [line.slice(35), line.slice(0, 32)] as const));
};

t.test('files and trees come and go, and the sums, the check and another reader agree', async (t) => {
  const host = t.testdir({
    tree: { 'a file.txt': 'a\n', sub: { 'ü.txt': 'u\n' }, empty: {}, link: t.fixture('symlink', 'a file.txt') },
    deb: 'another one',
  });
  const content = [
    ...(await hostTree(join(host, 'tree'), '/firmware')),
    ...(await hostTree(join(host, 'deb'), '/pool/größe.deb')),
  ];
  t.strictSame(
    content.map(({ path }) => path),
    ['/firmware/a file.txt', '/firmware/link', '/firmware/sub/ü.txt', '/pool/größe.deb'],
  );
  const remove = ["/pool/it's a name.deb", '/pool/empty.deb'];
  const result = await remastered(original, join(folder, 'content.iso'), { mediumFiles: content, remove });
  t.strictSame(result.removed, remove.toSorted());
  const after = await extractAll(result.iso, join(folder, 'content'));
  await run('md5sum', ['-c', '--quiet', '--strict', 'md5sum.txt'], { cwd: after });
  const sums = parseSums(await readFile(join(after, 'md5sum.txt'), 'utf8'));
  for (const { path, from } of content) {
    t.equal(sums.get(path), md5(await readFile(from)), path);
    t.equal(await readFile(join(after, path), 'utf8'), await readFile(from, 'utf8'));
  }
  t.strictSame((await readdir(join(after, 'pool'))).sort(), ['größe.deb']);
  t.strictSame(
    remove.map((path) => sums.get(path)),
    [undefined, undefined],
  );
  const [before, now] = [await readMedium(original), await readMedium(result.iso)];
  t.strictSame((await checkSoundness(now)).problems, []);
  const stated = { changed: ['/pool/größe.deb'], removed: remove };
  const kept = await checkKept(before, now, stated);
  t.strictSame(kept.removed, remove.toSorted());
  t.ok(kept.changed.includes('/pool/größe.deb'));
  await t.rejects(checkKept(before, now, { ...stated, removed: [] }), { code: 'media.verify-files' });
  await t.rejects(checkKept(before, now, { removed: remove }), { code: 'media.verify-files' });
  const whole = await remastered(original, join(folder, 'whole.iso'), { mediumFiles: [] });
  await t.rejects(checkKept(before, await readMedium(whole.iso), { removed: remove }), { code: 'media.verify-files' });

  const pool = await remastered(original, join(folder, 'pool.iso'), { remove: ['/pool'], mediumFiles: content });
  t.strictSame(
    [...(await readMedium(pool.iso)).files.keys()].filter((path) => path.startsWith('/pool')),
    ['/pool/größe.deb'],
    'a folder goes before files come',
  );
});

t.test('what boots the medium is neither removed nor replaced', async (t) => {
  const work = t.testdir({ file: 'x', loop: { up: t.fixture('symlink', '..') } });
  const output = join(work, 'out.iso');
  for (const [path, why] of [
    ['/install.amd', /vmlinuz: "Install" of .* starts it/],
    ['/install.amd/initrd.gz', /starts it/],
    ['/isolinux/isolinux.bin', /a boot image/],
    ['/isolinux/boot.cat', /the boot catalog/],
    ['/boot', /efi\.img: a boot image/],
    ['/isolinux/ldlinux.c32', /part of a boot loader/],
    ['/boot/grub/grub.cfg', /a boot menu/],
    ['/md5sum.txt', /renewed by itself/],
    ['/.disk', /what the medium is/],
  ] as const) {
    await t.rejects(remastered(original, output, { remove: [path] }), { code: 'media.needed', detail: why }, path);
    const medium = await readMedium(original);
    if (!medium.files.has(path)) continue;
    const mediumFiles = [{ path, from: join(work, 'file') }];
    await t.rejects(remastered(original, output, { mediumFiles }), { code: 'media.needed', detail: why }, path);
  }
  await t.rejects(remastered(original, output, { remove: ['/po'] }), { code: 'media.remove-missing' });
  for (const path of ['/pool', '/pool/empty.deb/x']) {
    const mediumFiles = [{ path, content: '' }];
    await t.rejects(remastered(original, output, { mediumFiles }), { code: 'media.path-taken' }, path);
  }
  await t.rejects(hostTree(join(work, 'loop'), '/x'), { code: 'media.not-a-file' });
  await t.rejects(hostTree('/dev/null', '/x'), { code: 'media.not-a-file' });
  await t.rejects(hostTree(join(work, 'nothing'), '/x'), { code: 'host.no-such-file' });
  t.strictSame((await readdir(work)).sort(), ['file', 'loop']);
});

t.test('the answers are an initrd of their own that leaves the links of the first one alone', async (t) => {
  const { iso } = await remastered(original, join(folder, 'initrd.iso'));
  const after = await extractAll(iso, join(folder, 'initrd'));
  const packed = await readFile(join(after, 'ingot/initrd.gz'));
  t.strictSame(
    await Array.fromAsync(readCpio([packed]), ({ type, path }) => `${type} ${path}`),
    ['directory lib/debian-installer-startup.d', 'file lib/debian-installer-startup.d/S00ingot', 'file preseed.cfg'],
    'no entry for lib, which is a link in the installer',
  );
  const listed = await run('sh', ['-c', 'gzip -dc | cpio -itv --quiet'], { input: packed });
  t.match(listed.stdout, /-rw------- +1 root +root +17 \w+ \d+ +2023 preseed\.cfg/);
});

t.test('the same input gives the same bytes, in another folder, umask and time', async (t) => {
  const first = await remastered(original, join(folder, 'one.iso'));
  const copy = await copyOf(original, join(t.testdir({}), 'a copy.iso'));
  await utimes(copy, 1, 1);
  const before = process.umask(0o077);
  const second = await remastered(copy, join(t.testdirName, 'two.iso'));
  process.umask(before);
  t.equal(await digestFile(second.iso, 'sha256'), await digestFile(first.iso, 'sha256'));
  const third = await remastered(copy, join(t.testdirName, 'three.iso'), { date: DATE + 61 });
  t.not(await digestFile(third.iso, 'sha256'), await digestFile(first.iso, 'sha256'), 'the date is in the bytes');
});

t.test('a sum list that has the boot image too is right afterwards', async (t) => {
  const iso = await rebuilt(original, t.testdir({}), async (tree) => {
    const list = join(tree, 'md5sum.txt');
    const line = `${'0'.repeat(32)} *./isolinux/isolinux.bin\n`;
    await writeFile(list, `${await readFile(list, 'utf8')}${line}`);
  });
  const result = await remastered(iso, join(t.testdirName, 'out.iso'));
  const after = await extractAll(result.iso, join(t.testdirName, 'out'));
  await run('md5sum', ['-c', '--quiet', '--strict', 'md5sum.txt'], { cwd: after });
  t.match(await readFile(join(after, 'md5sum.txt'), 'utf8'), /^(?!0{32})\S+ \*\.\/isolinux\/isolinux\.bin$/m);
});

t.test('a menu inside the EFI image is changed there, and stale sums of the original are told', async (t) => {
  const menu = "menuentry 'Install' {\n  linux /install.amd/vmlinuz\n  initrd /install.amd/initrd.gz\n}\n";
  const iso = await rebuilt(original, t.testdir({}), async (tree) => {
    const cfg = join(t.testdirName, 'grub.cfg');
    await writeFile(cfg, menu);
    await rm(join(tree, 'boot/grub/efi.img'));
    await rm(join(tree, 'boot/grub/grub.cfg'));
    const files = [{ path: '/EFI/BOOT/grub.cfg', from: cfg, size: menu.length }];
    await makeEfiImage(join(tree, 'boot/grub/efi.img'), files, DATE);
  });
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const result = await remastered(iso, join(t.testdirName, 'out.iso'), { reporter, firmware: 'bios' });
  t.strictSame(result.changed, [...ADDED, '/boot/grub/efi.img', '/isolinux/isolinux.cfg', '/md5sum.txt'].sort());
  const { boot } = await readMedium(result.iso);
  const lba = boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba ?? 0;
  const text = await readFat({ path: result.iso, offset: lba * BLOCK_SIZE }, '/EFI/BOOT/grub.cfg');
  t.match(text, /--id ingot \{\n\tlinux \/install\.amd\/vmlinuz auto=true --- console=ttyS0\n/);
  t.strictSame(
    notes,
    [
      'not unattended: UEFI from CD (the boot image /boot/grub/efi.img, nothing): it has no /EFI/BOOT/BOOT*.EFI',
      'md5sum.txt of the original does not fit /boot/grub/efi.img; it is renewed',
    ],
    'the image is in the list with its new sum, and a menu in it is not yet a loader that reads it',
  );
});

t.test('old answers are left out and told, an old answer file is not replaced silently', async (t) => {
  const iso = await rebuilt(original, t.testdir({}), async (tree) => {
    await writeFile(join(tree, 'preseed.cfg'), 'd-i old/answer string x\n');
    for (const [menu, from] of [
      ['isolinux/isolinux.cfg', /^\s*append initrd=\S+/m],
      ['boot/grub/grub.cfg', /^\s*linux \S+/m],
    ] as const) {
      const text = await readFile(join(tree, menu), 'utf8');
      await writeFile(
        join(tree, menu),
        text.replace(from, '$& preseed/file=/cdrom/preseed.cfg locale=de_DE acpi=off dbg'),
      );
    }
  });
  const notes: string[] = [];
  const result = await remastered(iso, join(t.testdirName, 'out.iso'), {
    kernelArguments: { installer: ['auto=true'], target: [], removed: ['dbg'] },
    reporter: { ...silentReporter, note: (text: string) => void notes.push(text) },
  });
  t.strictSame([...result.commandLines.values()], ['acpi=off auto=true', 'acpi=off auto=true']);
  t.match(notes, [
    'the unattended entry leaves out arguments that would answer instead of the recipe: preseed/file=/cdrom/preseed.cfg locale=de_DE',
    '/preseed.cfg of the original is replaced',
  ]);
});

t.test('media that boot by BIOS alone stay so', async (t) => {
  const bios = ['-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4'];
  const iso = await rebuilt(original, t.testdir({}), async () => {}, [...bios, '-boot-info-table']);
  const result = await remastered(iso, join(t.testdirName, 'out.iso'), { menu: { start: 'now', title: 'Now' } });
  const info = await inspectMedium(result.iso);
  t.strictSame(info.bootPaths, ['bios-cd']);
});

t.test('the check afterwards sees a changed byte, a lost file, a stray file and a lost way to boot', async (t) => {
  const { iso } = await remastered(original, join(folder, 'checked.iso'));
  const [before, after] = [await readMedium(original), await readMedium(iso)];
  const stated = [...ADDED, ...CHANGED];
  t.match(await verifyMedium(before, after, stated), { staleSums: [] });

  const damaged = async (path: string) => {
    const copy = await copyOf(iso, join(folder, 'damaged.iso'));
    await using file = await open(copy, 'r+');
    await file.write('Z', (after.files.get(path)?.[0]?.lba ?? 0) * BLOCK_SIZE + 100);
    return readMedium(copy);
  };
  for (const [path, code] of [
    ["/pool/it's a name.deb", 'media.verify-files'],
    ['/isolinux/isolinux.bin', 'media.verify-boot'],
    ['/boot/grub/grub.cfg', 'media.verify-sums'],
  ] as const) {
    await t.rejects(verifyMedium(before, await damaged(path), stated), { code }, path);
  }
  const without = (path: string) => new Map([...after.files].filter(([name]) => name !== path));
  const lost = { ...after, files: without('/pool/empty.deb') };
  await t.rejects(verifyMedium(before, lost, stated), {
    code: 'media.verify-files',
    detail: 'missing: /pool/empty.deb',
  });
  const stray = { ...after, files: new Map([...after.files, ['/x', []] as const]) };
  await t.rejects(verifyMedium(before, stray, stated), { code: 'media.verify-files', detail: 'not wanted: /x' });
  const relinked = { ...after, others: new Map([...after.others, ['/pool', "lrwxrwxrwx -> 'x'"] as const]) };
  await t.rejects(verifyMedium(before, relinked, stated), { code: 'media.verify-files', detail: /^\/pool: / });

  const { boot } = after;
  t.strictSame(bootProblems(before.boot, boot), []);
  t.match(bootProblems(before.boot, { ...boot, elTorito: boot.elTorito.slice(0, 1) }).join(), 'boot path: uefi-cd');
  t.match(bootProblems(before.boot, { ...boot, systemArea: ['MBR', 'GPT'] }).join(), 'boot path: bios-usb');
  t.match(bootProblems(before.boot, { ...boot, mbr: [], gpt: [] }).join(), 'boot path: uefi-usb');
  const shifted = boot.mbr.map((one) => ({ ...one, start: one.start + 4 }));
  t.match(bootProblems(before.boot, { ...boot, mbr: shifted }).join(), 'does not begin where its EFI image lies');
});

t.test('bad input has a name, and leaves nothing behind', async (t) => {
  const work = t.testdir({ 'text.iso': 'no ISO at all', 'zeros.iso': Buffer.alloc(2 ** 20) });
  const short = await copyOf(original, join(work, 'short.iso'));
  await truncate(short, 2 ** 20);
  const noMenu = await rebuilt(original, work, async (tree) => {
    await run('find', [tree, '-name', '*.cfg', '-delete']);
  });
  const interrupted = AbortSignal.abort();
  const there = (await readdir(work)).sort();
  const output = join(work, 'out.iso');
  const menu = { start: 'ask', title: 'x' } as const;
  const duplicate = [
    { path: '/a', content: '' },
    { path: '/a', content: '' },
  ];
  for (const [code, iso, options] of [
    ['media.not-found', join(work, 'missing.iso'), {}],
    ['media.not-an-iso', join(work, 'text.iso'), {}],
    ['media.not-an-iso', join(work, 'zeros.iso'), {}],
    ['media.truncated', short, {}],
    ['media.no-boot-menu', noMenu, {}],
    ['media.same-file', original, { output: original }],
    ['media.menu-title', original, { menu: { ...menu, title: '' } }],
    ['media.arguments', original, { kernelArguments: { installer: ['a b'], target: [] } }],
    ['media.path-taken', original, { mediumFiles: duplicate }],
    ['media.path', original, { mediumFiles: [{ path: '../x', content: '' }] }],
    ['media.cpio-path', original, { initrdEntries: [{ type: 'file', path: '../x', mode: 0, content: '' }] }],
    ['media.volume-id', original, { volumeId: 'a b' }],
    ['interrupted', original, { signal: interrupted }],
  ] as const) {
    await t.rejects(remastered(iso, output, options), { code }, code);
  }
  t.strictSame((await readdir(work)).sort(), there);
  t.equal((await inspectMedium(noMenu)).menus.size, 0, 'but it can be looked at');
});

const skip = process.getuid?.() === 0 ? false : 'mounting takes root';

t.test('a disk that is full, at the beginning or in the meantime', { skip }, async (t) => {
  await using place = await temporaryFolder();
  const full = place.path;
  const { size } = await stat(original);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${Math.ceil(size / 1024) + 4096}k`, 'ingot-test', full]);
  await using _mounted = { [Symbol.asyncDispose]: async () => void (await run('umount', [full])) };
  const output = join(full, 'out.iso');
  const filler = join(full, 'filler');
  await writeFile(filler, Buffer.alloc(5 * 2 ** 20, 1));
  await t.rejects(remastered(original, output), {
    code: 'host.no-space',
    message: /needs \d+ MiB, .* has \d+ MiB free/,
  });
  t.strictSame(await readdir(full), ['filler']);

  // Another process takes the room once there was enough.
  await rm(filler);
  const reporter = { ...silentReporter, phase: (name: string) => void (name === 'write' && fill(filler)) };
  await t.rejects(remastered(original, output, { reporter }), {
    code: 'host.no-space',
    where: full,
    message: /: \d+ MiB are missing/,
  });
  t.strictSame(await readdir(full), ['filler']);
  await rm(filler);
  t.ok((await remastered(original, output)).changed.length > 0, 'with room it goes on');
});

t.test('the system refuses a byte while xorriso writes', async (t) => {
  const args = ['-no_rc', '-outdev', 'stdio:/dev/full', '-map', join(folder, 'tree'), '/', '-commit'];
  await t.rejects(writeIso(args, { output: '/dev/full', reporter: silentReporter }), {
    code: 'host.no-space',
    where: '/dev',
    detail: /write\(2\).*No space left on device/,
  });
  const wrong = ['-no_rc', '-outdev', `stdio:${join(folder, 'x')}`, '-map', '/nothing', '/', '-commit'];
  await t.rejects(writeIso(wrong, { output: join(folder, 'x') }), { code: 'media.not-written' });
});

/** Takes all the room that there is. */
const fill = (path: string): void => {
  const piece = Buffer.alloc(2 ** 16, 1);
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, piece);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
};

t.test('the line of .disk/info', (t) => {
  const name = 'Debian';
  for (const [line, expected] of [
    ['Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST', { name, release: '12.8.0', arch: 'amd64' }],
    ['Ubuntu-Server 24.04.1 LTS "Noble Numbat" - Release amd64 (20240827)', { name: 'Ubuntu-Server', arch: 'amd64' }],
    [
      'Debian GNU/Linux testing "Trixie" - Official Snapshot amd64 NETINST with firmware 20241109-11:05',
      { name, release: 'testing', arch: 'amd64' },
    ],
    ['Official Debian GNU/Linux Live 12.8.0 gnome 2024-11-09T11:05', { name, release: '12.8.0', arch: 'unknown' }],
    ['Linux Mint 22 "Wilma" - Release amd64 20240722', { name: 'Linux Mint', release: '22', arch: 'amd64' }],
    ['LMDE 6 "Faye" - Release amd64 20230927', { name: 'LMDE', release: '6', arch: 'amd64' }],
    ['elementary OS 8.0 "Circe" - Stable amd64 (20241119)', { name: 'elementary OS', release: '8.0', arch: 'amd64' }],
    ['Kali GNU/Linux 2024.3 "Kali-last-snapshot" - Official amd64 NETINST', { name: 'Kali', release: '2024.3' }],
    ['a line without a release', undefined],
    ['', undefined],
  ] as const) {
    if (expected === undefined) t.equal(distributionOnMedium(line), undefined);
    else t.match(distributionOnMedium(line), expected);
  }
  t.end();
});
