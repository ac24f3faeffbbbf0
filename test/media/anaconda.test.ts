/** Media for Anaconda as `ingot media` delivers them, from media with the structures of RHEL and Fedora. */
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { digestFile } from '../../src/host/digest.ts';
import { run } from '../../src/host/run.ts';
import { readCpio } from '../../src/media/initrd/cpio-reader.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import { checkSoundness } from '../../src/media/verify/soundness.ts';
import { HASH } from '../recipe/helpers.ts';
import { DISTRIBUTIONS } from './distributions.ts';
import { makeDistribution, makeMedium } from './make-distribution.ts';

t.setTimeout(5 * 60_000);

const folder = t.testdir({});
const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const recipe = async (name: string, os: string, iso: string, more = ''): Promise<string> => {
  const path = join(folder, `${name}.yaml`);
  const origin = `origin: {iso: ${iso}, sha256: ${await digestFile(iso, 'sha256')}}`;
  const answers = `answers:\n  users: [{name: eva, password: {hash: '${HASH}'}, sudo: password}]\n  consoles: [ttyS0]`;
  await writeFile(path, `name: ${name}\nos: ${os}\n${origin}\n${answers}\n${more}`);
  return path;
};

const ingot = async (...args: string[]): Promise<{ exitCode: number; output: string }> => {
  const { exitCode, stdout, stderr } = await run(process.execPath, [main, ...args], { allow: [0, 1, 2] });
  return { exitCode, output: `${stdout}\n${stderr}` };
};

const media = async (path: string): Promise<{ exitCode: number; output: string; iso: string }> => {
  const iso = path.replace(/yaml$/, 'iso.out');
  return { ...(await ingot('media', path, '-o', iso, '--store', join(folder, 'store'))), iso };
};

const SYSTEMS: readonly (readonly [keyof typeof DISTRIBUTIONS, string])[] = [
  ['rhel-9', '{family: redhat, release: "9"}'],
  ['rhel-10', '{family: redhat, release: "10"}'],
  ['rhel-8', '{family: redhat, release: "8"}'],
  ['fedora', '{family: fedora, release: "40"}'],
];

for (const [name, os] of SYSTEMS) {
  t.test(`ingot media: ${name}`, async (t) => {
    const original = await makeDistribution(folder, name);
    const made = await media(await recipe(name, os, original));
    t.equal(made.exitCode, 0, made.output);
    const { menus, volume } = await inspectMedium(made.iso);
    const entries = [...menus.values()].flat().filter(({ id }) => id === 'ingot');
    t.equal(entries.length, 3, 'in the menus for BIOS, UEFI from CD and UEFI from USB');
    for (const { arguments: words, initrds, title } of entries) {
      t.match(title, /ERASES THE DISK/);
      t.equal(initrds.at(-1), '/ingot/initrd.gz');
      for (const word of ['inst.ks=file:/ingot.ks', `inst.stage2=hd:LABEL=${volume.volumeId}`])
        t.ok(words.includes(word), word);
      t.notOk(words.includes('---'), 'which Anaconda does not know');
    }
    const medium = await readMedium(made.iso);
    const packed = await Array.fromAsync(readCpio([await readMediumFile(medium, '/ingot/initrd.gz')], () => true));
    const text = (path: string): string => {
      const entry = packed.find((one) => one.path === path);
      return entry?.type === 'file' ? Buffer.from(entry.content ?? []).toString() : '';
    };
    t.strictSame(packed.map(({ path }) => path).sort(), ['ingot.ks', 'ks.cfg']);
    t.match(text('ingot.ks'), /^%include \/ks\.cfg$/m);
    t.match(text('ks.cfg'), /^bootloader .*--append=console=ttyS0,115200/m);
    t.ok(text('ks.cfg').includes(HASH));
    t.notOk(String(await readMediumFile(medium, '/ks.cfg')).includes(HASH), 'the copy shows no hash');
    const { problems, checks } = await checkSoundness(medium);
    t.strictSame([problems, checks.filter(({ holds }) => holds === false)], [[], []]);
  });
}

t.test('a new volume id is the one by which the installer finds its second stage', async (t) => {
  const iso = join(folder, 'rhel-9.iso');
  const made = await media(await recipe('label', SYSTEMS[0]?.[1] ?? '', iso, 'media: {volumeId: OTHER}\n'));
  t.equal(made.exitCode, 0, made.output);
  const { menus, volume } = await inspectMedium(made.iso);
  t.equal(volume.volumeId, 'OTHER');
  const words = [...menus.values()].flat().flatMap((entry) => entry.arguments.filter((word) => /LABEL/.test(word)));
  t.ok(words.length >= 6);
  t.same(
    words.filter((word) => !/LABEL=OTHER(:|$)/.test(word)),
    [],
  );
});

t.test('what does not fit is refused', async (t) => {
  const iso = join(folder, 'rhel-9.iso');
  const refused = async (name: string, os: string, from: string, code: string, more = ''): Promise<void> => {
    const { exitCode, output } = await media(await recipe(name, os, from, more));
    t.ok(exitCode > 0);
    t.match(output, code);
  };
  await refused('eight', '{family: redhat, release: "8"}', iso, 'media.other-system');
  await refused('fed', '{family: fedora, release: "40"}', iso, 'media.other-system');
  const { 'BaseOS/Packages/bash.rpm': _, ...files } = DISTRIBUTIONS['rhel-9'].files;
  const boot = await makeMedium(folder, 'boot', { ...DISTRIBUTIONS['rhel-9'], files });
  await refused('boot', '{family: redhat, release: "9"}', boot, 'media.packages-missing');
  for (const verb of ['build', 'explain']) {
    const refused = await ingot(verb, join(folder, 'rhel-9.yaml'), '--store', join(folder, 'store'));
    t.match(refused.output, /recipe\.unsupported[\s\S]*ingot media/, verb);
  }
});

t.test('a medium is told by media.repo, or by its volume id', async (t) => {
  const { '.treeinfo': _, '.discinfo': __, ...files } = DISTRIBUTIONS['rhel-9'].files;
  const told = async (volumeId: string, more: Readonly<Record<string, string>> = {}) => {
    const like = { ...DISTRIBUTIONS['rhel-9'], volumeId, files: { ...files, ...more } };
    const { distribution, recognisedBy } = await inspectMedium(await makeMedium(folder, volumeId, like));
    return [distribution, recognisedBy[0]];
  };
  const repo = '[InstallMedia]\nname=Rocky Linux 9.4\nmediaid=1\n';
  const rocky = { name: 'Rocky Linux', release: '9.4', arch: 'unknown' };
  t.strictSame(await told('MINE', { 'media.repo': repo }), [rocky, '/media.repo']);
  for (const [volumeId, name, release] of [
    ['RHEL-9-4-0-BaseOS-x86_64', 'Red Hat Enterprise Linux', '9.4'],
    ['CentOS-Stream-9-BaseOS-x86_64', 'CentOS Stream', '9'],
    ['Fedora-S-dvd-x86_64-41', 'Fedora', '41'],
  ] as const)
    t.strictSame(await told(volumeId), [{ name, release, arch: 'x86_64' }, 'volume id']);
});

t.test('ingot media answers: a volume of its own, and the same bytes again', async (t) => {
  const original = await makeDistribution(t.testdir({}), 'rhel-9');
  const path = await recipe('volume', '{family: redhat, release: "9"}', original);
  const outputs = ['one.iso', 'two.iso'].map((name) => join(folder, name));
  for (const output of outputs) {
    const { exitCode, output: said } = await ingot('media', 'answers', path, '-o', output);
    t.equal(exitCode, 0, said);
    t.match(said, /label OEMDRV, for Anaconda: ks\.cfg/);
    t.match(said, /^It holds password hashes: only you can read it\.$/m);
  }
  const [one = '', two = ''] = outputs;
  t.equal(await digestFile(one, 'sha256'), await digestFile(two, 'sha256'));
  t.equal((await stat(one)).mode & 0o777, 0o600, 'it holds password hashes');
  t.match((await inspectMedium(one)).volume, { volumeId: 'OEMDRV' });
  const rendered = (await ingot('render', path)).output;
  const kickstart = String(await readMediumFile(await readMedium(one), '/ks.cfg'));
  t.match(kickstart, HASH);
  t.notMatch(kickstart, /%include \/(?!tmp\/)/, 'it needs no other file');
  t.ok(rendered.includes(kickstart.split('\n')[3] ?? '-'));
  // isoinfo reads what xorriso has written: the names as they are, by Rock Ridge and by Joliet.
  for (const tree of ['-R', '-J'])
    t.match((await run('isoinfo', [tree, '-f', '-i', one])).stdout, /^\/ks\.cfg$/m, `isoinfo ${tree}`);
});

t.test('ingot media answers: a folder of one’s own, and what is none', async (t) => {
  const made = async (files: Record<string, string>) => {
    const own = t.testdir(files);
    const iso = join(folder, 'own.iso');
    return { ...(await ingot('media', 'answers', own, '-o', iso, '--json')), iso };
  };
  const seed = await made({ 'user-data': '#cloud-config\nautoinstall: {version: 1}\n' });
  t.match(JSON.parse(seed.output), { label: 'CIDATA', installer: 'Subiquity', files: ['meta-data', 'user-data'] });
  t.match((await run('blkid', ['-p', '-o', 'value', '-s', 'LABEL', seed.iso])).stdout, /^CIDATA$/m);
  t.same(JSON.parse(seed.output).held, []);
  const locked = await made({ 'ks.cfg': 'autopart --encrypted --passphrase=correct-horse\n' });
  t.same(JSON.parse(locked.output).held, ['the passphrase of its disks']);
  const yast = await made({ 'autoinst.xml': '<?xml version="1.0"?>\n<profile/>\n' });
  t.match(JSON.parse(yast.output), { label: 'OEMDRV', installer: 'AutoYaST' });
  for (const [code, files] of [
    ['media.no-volume-answers', { 'preseed.cfg': 'd-i a/b string c\n' }],
    ['media.no-volume-answers', { 'ks.cfg': 'text\n', 'user-data': '#cloud-config\n' }],
    ['media.volume-answers', { 'user-data': 'autoinstall: {}\n' }],
    ['media.volume-answers', { 'ks.cfg': '' }],
    ['media.volume-answers', { 'ks.cfg': 'text\n', 'größe.txt': '' }],
  ] as const) {
    await rm(join(folder, 'own.iso'), { force: true });
    const wrong = await made(files);
    t.not(wrong.exitCode, 0);
    t.match(wrong.output, code, Object.keys(files).join());
    await t.rejects(stat(wrong.iso), 'and nothing is left');
  }
});
