/** Media of several distributions: recognised, sound, and after a remaster sound again by their own tools. */
import { createHash } from 'node:crypto';
import { copyFile, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { digestFile } from '../../src/host/digest.ts';
import { run } from '../../src/host/run.ts';
import { readFat } from '../../src/media/boot/efi-image.ts';
import { checkSuseTag } from '../../src/media/checks/suse-tag.ts';
import { treeSums } from '../../src/media/checks/treeinfo.ts';
import { writeApplicationUse } from '../../src/media/checks/whole-medium.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { mediumSizeOf, readMedium } from '../../src/media/iso/medium.ts';
import { remaster } from '../../src/media/remaster.ts';
import { checkKept } from '../../src/media/verify/kept-files.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { silentReporter } from '../../src/report.ts';
import type { DISTRIBUTIONS } from './distributions.ts';
import { DATE } from './fixture.ts';
import { makeDistribution, suseDigest } from './make-distribution.ts';

const folder = t.testdir({});
const ALL_PATHS = ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb'];

interface Expected {
  readonly system: string;
  readonly release: string;
  readonly installer: string;
  readonly by: string;
  readonly checks: readonly string[];
  /** Files of the original that a remaster changes. */
  readonly changes: readonly string[];
  /** What `inspect` calls the menus of the result in which the new entry stands. */
  readonly menus: readonly RegExp[];
}

const RHEL = {
  system: 'Red Hat Enterprise Linux',
  installer: 'anaconda',
  by: '/.treeinfo',
  checks: ['.treeinfo', 'isomd5', 'boot-info-table'],
  changes: ['/.treeinfo', '/EFI/BOOT/grub.cfg', '/images/efiboot.img', '/isolinux/isolinux.cfg'],
  menus: [/^\/isolinux\/isolinux\.cfg$/, /^\/EFI\/BOOT\/grub\.cfg$/, /^\/images\/efiboot\.img:\/EFI\/BOOT\/grub\.cfg$/],
};
const UBUNTU = {
  system: 'Ubuntu-Server',
  installer: 'subiquity',
  by: '/.disk/info',
  checks: ['md5sum.txt', 'boot-info-table'],
  changes: ['/boot/grub/grub.cfg', '/boot/grub/loopback.cfg', '/md5sum.txt'],
  menus: [/^\/boot\/grub\/grub\.cfg$/, /^\/boot\/grub\/loopback\.cfg$/],
};

/** With GRUB for BIOS, and an EFI image after the file system. */
const GRUB = {
  installer: 'anaconda',
  by: '/.discinfo',
  checks: ['isomd5', 'boot-info-table'],
  changes: ['/EFI/BOOT/grub.cfg', '/boot/grub2/grub.cfg'],
  menus: [/^\/boot\/grub2\/grub\.cfg$/, /^\/EFI\/BOOT\/grub\.cfg$/, /^EFI image at block \d+:\/EFI\/BOOT\/grub\.cfg$/],
};
const DEBIAN = {
  system: 'Debian',
  installer: 'debian-installer',
  by: '/.disk/info',
  checks: ['md5sum.txt', 'boot-info-table'],
  changes: ['/boot/grub/grub.cfg', '/isolinux/gtk.cfg', '/isolinux/isolinux.cfg', '/md5sum.txt'],
  menus: [/^\/isolinux\/isolinux\.cfg$/, /^\/boot\/grub\/grub\.cfg$/],
};

const EXPECTED: Readonly<Record<keyof typeof DISTRIBUTIONS, Expected>> = {
  'debian-11': { ...DEBIAN, release: '11.11.0' },
  'debian-13': { ...DEBIAN, release: '13.1.0' },
  'rhel-10': { ...GRUB, system: RHEL.system, by: RHEL.by, release: '10.0', checks: RHEL.checks },
  'rhel-8': { ...RHEL, release: '8.10' },
  'rhel-9': { ...RHEL, release: '9.4' },
  fedora: { ...GRUB, system: 'Fedora', release: '40' },
  'ubuntu-22.04': { ...UBUNTU, release: '22.04.5' },
  'ubuntu-24.04': { ...UBUNTU, release: '24.04.1' },
  leap: {
    system: 'openSUSE-Leap',
    release: '15.6',
    installer: 'yast',
    by: '/media.1/media',
    checks: ['suse-tag', 'boot-info-table'],
    changes: ['/EFI/BOOT/grub.cfg', '/boot/x86_64/efi', '/boot/x86_64/loader/isolinux.cfg'],
    menus: [/loader\/isolinux\.cfg$/, /^\/EFI\/BOOT\/grub\.cfg$/, /^\/boot\/x86_64\/efi:/],
  },
};

const remastered = async (iso: string, volumeId?: string, reporter = silentReporter): Promise<string> => {
  const output = `${iso}.${volumeId ?? 'out'}`;
  await remaster({
    iso,
    output,
    initrdEntries: [{ type: 'file', path: 'answers', mode: 0o600, content: 'x' }],
    mediumFiles: [],
    kernelArguments: { installer: ['answers=here'], target: [] },
    menu: { start: 'ask', title: 'Install web01' },
    volumeId,
    date: DATE,
    reporter,
  });
  return output;
};

/** As another one that is remastered; what differs is what they are recognised by. */
const SAME_STRUCTURE = new Set(['debian-11', 'rhel-8', 'rhel-10', 'ubuntu-22.04']);

for (const [name, expected] of Object.entries(EXPECTED)) {
  t.test(name, async (t) => {
    const iso = await makeDistribution(folder, name as keyof typeof DISTRIBUTIONS);
    const info = await inspectMedium(iso);
    t.match(info.distribution, { name: expected.system, release: expected.release, arch: /amd64|x86_64/ });
    t.strictSame([info.installer, info.recognisedBy[0]], [expected.installer, expected.by]);
    t.strictSame(info.bootPaths, ALL_PATHS);
    t.match(info.efiImages, [{ files: /BOOTX64\.EFI/ }]);
    const original = await readMedium(iso);
    const holding = expected.checks.map((kind) => [kind, true]);
    const before = await checkSoundness(original);
    t.strictSame(before.problems, []);
    t.strictSame(
      before.checks.map(({ kind, holds }) => [kind, holds]),
      holding,
    );

    if (SAME_STRUCTURE.has(name)) return;
    const output = await remastered(iso);
    const result = await readMedium(output);
    const after = await checkSoundness(result);
    t.strictSame(after.problems, []);
    t.strictSame(
      after.checks.map(({ kind, holds }) => [kind, holds]),
      holding,
    );
    t.strictSame(after.bootPaths, ALL_PATHS);
    const kept = await checkKept(original, result, {});
    t.strictSame(kept.changed, expected.changes);
    t.strictSame(kept.added, ['/ingot/initrd.gz']);
    const withoutJoliet = { ...result, volume: { ...result.volume, hasJoliet: false } };
    await t.rejects(checkKept(original, withoutJoliet, {}), { code: 'media.verify-files', detail: /Joliet/ });
    t.match((await run('isoinfo', ['-J', '-i', output, '-f'])).stdout, /^\/ingot\/initrd\.gz$/m, 'names for Windows');
    const menus = [...(await inspectMedium(output)).menus].filter(([, all]) => all.some(({ id }) => id === 'ingot'));
    t.equal(menus.length, expected.menus.length);
    for (const menu of expected.menus) t.match(menus.map(([file]) => file).join('\n'), new RegExp(menu, 'm'));
    if (expected.checks.includes('isomd5')) t.equal((await run('checkisomd5', [output])).exitCode, 0);
  });
}

t.test('sums of a remastered medium, by other readers', async (t) => {
  const output = join(folder, 'rhel-9.iso.out');
  const [list, image] = [join(folder, 'treeinfo'), join(folder, 'efiboot.img')];
  const extract = ['-extract', '/.treeinfo', list, '-extract', '/images/efiboot.img', image];
  await run('xorriso', ['-no_rc', '-osirrox', 'on', '-indev', output, ...extract]);
  const digest = createHash('sha256').update(await readFile(image));
  t.equal(treeSums(await readFile(list, 'utf8')).get('/images/efiboot.img')?.sum, digest.digest('hex'));

  const tag = (await readFile(join(folder, 'leap.iso.out'))).toString('latin1', 0x8373, 0x8573).trim();
  t.equal(tag, `pad=150;sha256sum=${await suseDigest(join(folder, 'leap.iso.out'), 150)}`);

  // What a medium states of itself can be anything.
  for (const pad of ['99999999999', 'x', '-5']) {
    const odd = join(folder, 'odd.iso');
    await copyFile(join(folder, 'leap.iso.out'), odd);
    await writeApplicationUse(odd, `pad=${pad};sha256sum=${'0'.repeat(64)}`);
    t.match(await checkSuseTag(odd), { holds: false }, pad);
  }

  const { boot } = await readMedium(join(folder, 'fedora.iso.out'));
  const partition = boot.gpt.find(({ name }) => name === 'Appended2');
  const lba = boot.elTorito.find(({ platform }) => platform === 'UEFI')?.lba ?? 0;
  t.equal(partition?.start, lba * 4, 'El Torito and the GPT name the same image');
  const menu = await readFat({ path: join(folder, 'fedora.iso.out'), offset: lba * BLOCK_SIZE }, '/EFI/BOOT/grub.cfg');
  t.match(menu.toString(), /--id ingot \{[^}]*answers=here/);
  const again = join(folder, 'again.iso');
  await copyFile(join(folder, 'fedora.iso'), again);
  const first = await digestFile(join(folder, 'fedora.iso.out'), 'sha256');
  t.equal(await digestFile(await remastered(again), 'sha256'), first, 'the same bytes again, the partition too');
});

t.test('damage of the original is not hidden by new sums', async (t) => {
  for (const [name, kind, path] of [
    ['fedora', 'isomd5', '/Packages/b/bash.rpm'],
    ['leap', 'suse-tag', '/boot/x86_64/loader/linux'],
    ['rhel-9', '.treeinfo', '/images/efiboot.img'],
  ] as const) {
    const iso = join(folder, `damaged-${name}.iso`);
    await copyFile(join(folder, `${name}.iso`), iso);
    const { lba = 0 } = (await readMedium(iso)).files.get(path)?.[0] ?? {};
    await using file = await open(iso, 'r+');
    // Of an image, its last block is in no file.
    const at = kind === '.treeinfo' ? mediumSizeOf((await readMedium(iso)).files.get(path) ?? []) - 1 : 0;
    await file.write('?', lba * BLOCK_SIZE + at);
    if (kind === '.treeinfo') await run('implantisomd5', ['--force', iso]);
    const notes: string[] = [];
    const output = await remastered(iso, undefined, { ...silentReporter, note: (text) => void notes.push(text) });
    const { checks } = await checkSoundness(await readMedium(output));
    const check = checks.find((one) => one.kind === kind);
    if (kind === '.treeinfo') {
      t.strictSame(notes, ['.treeinfo of the original does not fit /images/efiboot.img; it is renewed']);
      t.match(check, { holds: true });
    } else {
      t.match(notes, [/own check of its bytes .* fails/], name);
      t.match(check, { holds: false }, name);
    }
    if (kind === 'isomd5') t.equal((await run('checkisomd5', [output], { allow: [1] })).exitCode, 1);
  }
});

t.test('a new volume id stands in every menu, inside the EFI image too', async (t) => {
  for (const name of ['rhel-9', 'fedora']) {
    const iso = join(folder, `${name}.iso`);
    const output = await remastered(iso, 'NEW_ID');
    const [before, after] = [await readMedium(iso), await readMedium(output)];
    t.equal(after.volume.volumeId, 'NEW_ID');
    const menus = [...(await inspectMedium(output)).menus.values()].flat();
    const named = menus.flatMap(({ arguments: words }) => words.filter((word) => /LABEL=/.test(word)));
    t.equal(menus.length, name === 'rhel-9' ? 3 + 2 + 2 : 3 * 2);
    t.strictSame([...new Set(named)], ['inst.stage2=hd:LABEL=NEW_ID']);
    t.equal(named.length, menus.length);
    const image = { path: output, offset: (after.boot.elTorito[1]?.lba ?? 0) * BLOCK_SIZE };
    t.notMatch((await readFat(image, '/EFI/BOOT/grub.cfg')).toString(), before.volume.volumeId);
    t.strictSame((await checkSoundness(after)).problems, []);
    await checkKept(before, after, {});
    await run('checkisomd5', [output]);
  }
});

t.test('an Apple partition map, and partitions by name', async (t) => {
  const iso = join(folder, 'apm.iso');
  const boot = ['-b', 'isolinux/isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4'];
  const hybrid = ['-boot-info-table', '-isohybrid-mbr', '/usr/lib/ISOLINUX/isohdpfx.bin', '-eltorito-alt-boot'];
  const efi = ['-e', 'images/efiboot.img', '-no-emul-boot', '-isohybrid-gpt-basdat', '-isohybrid-apm-hfsplus'];
  const tree = join(folder, 'rhel-9.tree');
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-r', '-o', iso, ...boot, ...hybrid, ...efi, tree]);
  const { boot: report } = await readMedium(iso);
  const image = report.elTorito.find(({ platform }) => platform === 'UEFI');
  t.match(report.apm, [{ type: 'Apple_HFS', name: 'EFI', start: (image?.lba ?? 0) * 4, path: '/images/efiboot.img' }]);
  t.match(report.gpt, [{ name: 'ISOHybrid' }, { name: 'ISOHybrid1', path: '/images/efiboot.img' }]);
});
