/** The copy that a boot test starts: its menus have the nonce, and all else lies where it lay. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/host/run.ts';
import { claimsOf } from '../../src/media/boot-test/paths.ts';
import { isSigned } from '../../src/media/boot-test/signed.ts';
import { makeTestCopy } from '../../src/media/boot-test/test-copy.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { BLOCK_SIZE } from '../../src/media/iso/iso9660.ts';
import { readMedium } from '../../src/media/iso/medium.ts';
import { extractAll, masterFixture, rebuilt } from './fixture.ts';
import { makeDistribution } from './make-distribution.ts';

t.setTimeout(120_000);
const folder = t.testdir({});
const WORD = 'ingot.boot-test=0123456789abcdef';

const copyOf = async (original: string, name: string) => {
  const medium = await readMedium(original);
  const here = join(folder, `${name}-copy`);
  await mkdir(here);
  const { iso, entries, ways } = await makeTestCopy(medium, '0123456789abcdef', { folder: here, signal: undefined });
  return { medium, iso, entries, ways, copy: await readMedium(iso) };
};

/** Files whose content differs, by xorriso's own extraction. */
const differing = async (a: string, b: string, name: string): Promise<string[]> => {
  const [one, other] = [join(folder, `${name}-a`), join(folder, `${name}-b`)];
  await extractAll(a, one);
  await extractAll(b, other);
  const { stdout } = await run('diff', ['-rq', one, other], { allow: [0, 1] });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ')[1]?.slice(one.length) ?? line);
};

const nonced = async (iso: string): Promise<string[]> =>
  [...(await inspectMedium(iso)).menus]
    .filter(([, entries]) => entries.some(({ arguments: words }) => words.some((word) => word.startsWith(WORD))))
    .map(([file]) => file);

for (const [name, inImage] of [
  ['debian-13', false],
  ['rhel-9', true],
  ['fedora', true],
  ['ubuntu-24.04', false],
  ['leap', true],
] as const) {
  t.test(name, async (t) => {
    const { medium, iso, entries, ways, copy } = await copyOf(await makeDistribution(folder, name), name);
    t.ok(entries.length > 0);
    t.strictSame(
      ways.filter(({ menus, problems }) => menus.length === 0 || problems.length > 0),
      [],
      'every way comes to a menu',
    );
    t.same(copy.boot, medium.boot, 'boot structures are where they were');
    t.equal(copy.volume.fileSize, medium.volume.fileSize);
    const changed = await differing(medium.iso, iso, name);
    t.match(changed.join(' '), /\.cfg/);
    for (const path of changed) t.match(path, /\.cfg$|\.img$|\/efi$/, 'menus, and images that hold one');
    const menus = await nonced(iso);
    t.equal(
      menus.some((file) => /image|efiboot|efi:/.test(file)),
      inImage,
      menus.join(', '),
    );
    for (const [path, extents] of medium.files)
      if (!changed.includes(path)) t.same(copy.files.get(path), extents, `${path} lies where it lay`);
    // The other trees by another reader: Joliet's, and the one that counts from the partition's beginning.
    const texts = await Promise.all(changed.map((path) => readFile(join(folder, `${name}-b`, path), 'latin1')));
    const onMedium = changed.find((path, nth) => path.endsWith('.cfg') && texts[nth]?.includes(WORD)) ?? '';
    t.ok((await run('isoinfo', ['-J', '-i', iso, '-x', onMedium])).stdout.includes(WORD), 'Joliet');
    const { partitionOffset } = medium.boot;
    if (partitionOffset === 0) return;
    const shifted = join(folder, 'shifted.iso');
    await writeFile(shifted, (await readFile(iso)).subarray(partitionOffset * BLOCK_SIZE));
    t.ok((await run('isoinfo', ['-R', '-i', shifted, '-x', onMedium])).stdout.includes(WORD), 'the partition');
  });
}

t.test('a menu that outgrows its blocks moves into padding; without any that is an error', async (t) => {
  await mkdir(join(folder, 'own'));
  const original = await masterFixture(join(folder, 'own'));
  const fill = async (tree: string): Promise<void> => {
    const path = join(tree, 'boot/grub/grub.cfg');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text + '#'.repeat(BLOCK_SIZE - 8 - (text.length % BLOCK_SIZE)));
  };
  const full = await rebuilt(original, join(folder, 'own'), fill);
  const { medium, copy, iso } = await copyOf(full, 'full');
  const menu = '/boot/grub/grub.cfg';
  t.not(copy.files.get(menu)?.[0]?.lba, medium.files.get(menu)?.[0]?.lba);
  t.ok((await nonced(iso)).includes(menu));
  const tight = new Map(medium.files).set('/everything', [{ lba: 0, size: medium.volume.fileSize }]);
  await t.rejects(makeTestCopy({ ...medium, files: tight }, 'x', { folder: join(folder, 'own'), signal: undefined }), {
    code: 'media.no-room',
  });
});

t.test('what is claimed', async (t) => {
  await mkdir(join(folder, 'arm'));
  const own = await masterFixture(join(folder, 'arm'));
  t.same(
    (await claimsOf(await readMedium(own))).filter(({ notClaimed }) => notClaimed),
    [],
  );
  const onCd = await rebuilt(own, join(folder, 'arm'), (tree) =>
    writeFile(join(tree, '.disk/info'), 'Debian GNU/Linux 12.8 "Bookworm" - Unofficial i386 NETINST'),
  );
  const claims = await claimsOf(await readMedium(onCd));
  t.same(
    claims.filter(({ notClaimed }) => notClaimed === undefined).map(({ path }) => path),
    ['bios-cd', 'uefi-cd', 'uefi-secure-cd'],
  );
  t.match(claims[1]?.notClaimed, /no boot structure/);
  await run('rm', ['-rf', join(folder, 'arm/rebuilt')]);
  const arm = await rebuilt(own, join(folder, 'arm'), (tree) =>
    writeFile(join(tree, '.disk/info'), 'Debian GNU/Linux 12.8 "Bookworm" - Unofficial arm64 NETINST'),
  );
  await t.rejects(claimsOf(await readMedium(arm)), { code: 'media.other-architecture' });
  const rescue = await readMedium('/usr/lib/grub-rescue/grub-rescue-cdrom.iso');
  await t.rejects(makeTestCopy(rescue, 'x', { folder, signal: undefined }), { code: 'media.no-boot-menu' });
});

t.test('whether a UEFI program is signed', async (t) => {
  for (const [path, expected] of [
    ['/usr/lib/shim/shimx64.efi.signed', true],
    ['/usr/lib/shim/shimx64.efi', false],
    ['/usr/lib/grub/x86_64-efi/monolithic/grubx64.efi', false],
    ['/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed', true],
    ['/bin/true', false],
  ] as const)
    t.equal(isSigned(await readFile(path)), expected, path);
  t.equal(isSigned(Buffer.from('MZ')), false);
});
