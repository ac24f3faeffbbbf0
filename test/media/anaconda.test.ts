/** Media for Anaconda as `ingot media` delivers them, from media with the structures of RHEL and Fedora. */
import { writeFile } from 'node:fs/promises';
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
