/** Media for Anaconda as `ingot media` delivers them, from media with the structures of RHEL and Fedora. */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cpioArchive } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { digestFile } from '../../src/host/digest.ts';
import { run } from '../../src/host/run.ts';
import { inspectMedium } from '../../src/media/inspect.ts';
import { requireVolumeId } from '../../src/media/iso/iso9660.ts';
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

/** An initrd that can be read: hooks of hosts go into its folders. */
const withInitrd = async (name: string): Promise<string> => {
  const like = DISTRIBUTIONS['rhel-9'];
  const folders = ['lib', 'lib/dracut', 'lib/dracut/hooks', 'lib/dracut/hooks/pre-pivot'];
  const initrd = await bytesOf(
    gzip(cpioArchive(folders.map((path) => ({ type: 'directory', path, mode: 0o755 }) as const))),
  );
  const initrds = Object.keys(like.files).filter((path) => path.endsWith('initrd.img'));
  const files = { ...like.files, ...Object.fromEntries(initrds.map((path) => [path, initrd])) };
  return makeMedium(folder, name, { ...like, files });
};

const FLEET = `variables: {site: fra}
variants: {site: [fra, ams]}
media: {start: ask, volumeId: "Web-41.1.x86_64_\${var:site}", arguments: {remove: [inst.text, console=tty0]}}
hosts:
  web1: {match: {serial: CZ1}, answers: {hostname: web1, domain: "\${var:site}.example.org"}}
  web2: {match: {mac: "52:54:00:00:00:02"}, answers: {hostname: web2, root: {password: {hash: '${HASH}'}}}}
`;

t.test('variants and hosts: media, netboot and volumes of answers for all of them', async (t) => {
  const iso = await withInitrd('fleet');
  const path = await recipe('fleet', '{family: redhat, release: "9"}', iso, FLEET);
  const store = ['--store', join(folder, 'store')];
  const refused = await ingot('media', path, '-o', join(folder, 'one.iso'), ...store);
  t.match(refused, { exitCode: 2, output: /usage\.output-is-file[\s\S]*fleet-fra, fleet-ams/ });
  const made = await ingot('media', path, '-o', join(folder, 'fleet'), ...store);
  t.equal(made.exitCode, 0, made.output);
  t.match(made.output, /2 hosts: web1, web2/);
  for (const site of ['fra', 'ams']) {
    const output = join(folder, 'fleet', `fleet-${site}.iso`);
    t.equal((await stat(output)).mode & 0o777, 0o600, 'the hosts have password hashes');
    const { menus, volume } = await inspectMedium(output);
    t.equal(volume.volumeId, `Web-41.1.x86_64_${site}`);
    for (const { arguments: words } of [...menus.values()].flat().filter(({ id }) => id === 'ingot')) {
      t.ok(words.includes(`inst.stage2=hd:LABEL=Web-41.1.x86_64_${site}`));
      t.strictSame(
        words.filter((word) => /^(inst\.text|console=)/.test(word)),
        ['console=ttyS0,115200'],
      );
    }
    const packed = await Array.fromAsync(
      readCpio([await readMediumFile(await readMedium(output), '/ingot/initrd.gz')], () => true),
    );
    const names = packed.map((entry) => entry.path);
    t.ok(names.includes('ingot/hosts/web1/ks.cfg') && names.includes('lib/dracut/hooks/pre-pivot/40-ingot-host.sh'));
    t.notOk(names.includes('lib/dracut'), 'the installer’s own folders stay');
    const one = packed.find((entry) => entry.path === 'ingot/hosts/web1/ks.cfg');
    t.match(String(one?.type === 'file' ? Buffer.from(one.content ?? []) : ''), `--hostname=web1.${site}.example.org`);
  }

  const volumes = await ingot('media', 'answers', path, '--var', 'site=fra', '-o', join(folder, 'volumes'));
  t.equal(volumes.exitCode, 0, volumes.output);
  t.same((await readdir(join(folder, 'volumes'))).sort(), ['fleet-web1.iso', 'fleet-web2.iso']);
  const single = [
    'media',
    'answers',
    path,
    '--var',
    'site=fra',
    '--host',
    'web1',
    '-o',
    join(folder, 'web1.iso'),
    '--json',
  ];
  t.same(
    JSON.parse((await ingot(...single)).output).held,
    ['password hashes'],
    'that of the user, who is the recipe’s',
  );

  const netboot = (...args: string[]) => ingot('media', 'netboot', path, ...args, ...store);
  t.match(await netboot('-o', join(folder, 'net')), { exitCode: 2, output: /usage\.netboot-url[\s\S]*--url/ });
  for (const url of ['there', 'nfs://192.0.2.1/x', 'http://192.0.2.1/a b', 'http://192.0.2.1/?x'])
    t.match(await netboot('-o', join(folder, 'net'), '--url', url), { exitCode: 2, output: /usage\.netboot-url/ }, url);
  const net = await netboot('-o', join(folder, 'net'), '--url', 'http://192.0.2.1:8000/');
  t.equal(net.exitCode, 0, net.output);
  const out = join(folder, 'net', 'fleet-ams');
  const text = (name: string) => readFile(join(out, name), 'utf8');
  t.match(await text('boot.ipxe'), /iseq \S+ 52:54:00:00:00:02 && set host web2/);
  t.match(await text('boot.ipxe'), 'inst.stage2=http://192.0.2.1:8000/fleet-ams/tree');
  t.notMatch(await text('boot.ipxe'), /LABEL|inst\.text/);
  t.match(JSON.parse(await text('manifest.json')), {
    ...{ hosts: ['web1', 'web2'], url: 'http://192.0.2.1:8000/fleet-ams' },
    ...{ answers: 'hosts/NAME/answers.initrd', table: 'answers.initrd' },
  });
  const filesOf = async (name: string, folder = out) => {
    const entries = await Array.fromAsync(readCpio([await readFile(join(folder, name))], () => true));
    return new Map(entries.map((entry) => [entry.path, entry.type === 'file' ? String(entry.content) : '']));
  };
  t.strictSame(
    [...(await filesOf('initrd.img')).keys()].filter((path) => !path.startsWith('lib')),
    ['ingot'],
    'a folder, and no answers where all look',
  );
  const own = ['ingot', 'ingot.ks', 'ingot/choose-host', 'ingot/hosts', 'ingot/hosts.table'];
  for (const host of ['web1', 'web2']) {
    const name = `hosts/${host}/answers.initrd`;
    const files = await filesOf(name);
    t.match(files.get(`ingot/hosts/${host}/ks.cfg`), /^url --url=http:\/\/192\.0\.2\.1:8000\/fleet-ams\/tree$/m);
    t.match(files.get('ks.cfg'), /No host was chosen/);
    t.strictSame(
      [...files.keys()].sort(),
      [
        ...[...own, `ingot/hosts/${host}`, `ingot/hosts/${host}/ks.cfg`, 'ingot/take-host', 'ks.cfg'],
        'lib/dracut/hooks/pre-pivot/40-ingot-host.sh',
      ],
      'its own alone',
    );
    t.equal((await stat(join(out, name))).mode & 0o777, 0o600);
    t.match(await text('SHA256SUMS'), new RegExp(`^\\S+ {2}${name}$`, 'm'));
  }
  t.ok((await filesOf('answers.initrd')).has('ingot/hosts/web2/ks.cfg'));
  t.equal((await stat(join(out, 'answers.initrd'))).mode & 0o777, 0o600);
  t.equal((await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: out })).exitCode, 0);
  t.match(await text('SHA256SUMS'), /^\S+ {2}tree\/images\/install\.img$/m);
  t.equal(
    (await netboot('-o', join(folder, 'net'), '--url', 'http://192.0.2.1:8000')).exitCode,
    0,
    'once more, over it',
  );
  const alone = await netboot('-o', join(folder, 'alone'), '--url', 'http://192.0.2.1:8000', '--no-table');
  t.equal(alone.exitCode, 0, alone.output);
  t.match(alone.output, /\{vmlinuz,initrd\.img,hosts,tree,boot\.ipxe,[\s\S]*Files with answers hold password hashes/);
  const left = await readdir(join(folder, 'alone', 'fleet-fra'));
  t.ok(left.includes('hosts') && !left.includes('answers.initrd'));
  const { table } = JSON.parse(await readFile(join(folder, 'alone', 'fleet-fra', 'manifest.json'), 'utf8'));
  t.equal(table, undefined);
  for (const [name, more, hint] of [
    ['open', `${FLEET}\n`.replace('start: ask', 'start: ask, unknownHost: recipe'), /unknownHost: recipe/],
    ['plain', '', /Leave out --no-table/],
  ] as const) {
    const path = await recipe(name, '{family: redhat, release: "9"}', iso, more);
    const url = ['--url', 'http://192.0.2.1:8000'];
    const refused = await ingot('media', 'netboot', path, '-o', join(folder, name), ...url, '--no-table', ...store);
    t.match(refused, { exitCode: 2, output: /usage\.netboot-table/ });
    t.match(refused.output, hint);
  }
});

t.test('volume ids: as vendors write them, and what is refused', (t) => {
  for (const id of ['WEB01', 'Fedora-S-dvd-x86_64-41', 'Rocky-9-4-x86_64-dvd', 'a.b_c-D', 'x'.repeat(32)])
    t.doesNotThrow(() => requireVolumeId(id), id);
  for (const id of ['', 'x'.repeat(33), 'A B', 'Größe', 'A/B', 'A:B', 'A"B', "A'B", 'A\\x20B', 'A\nB'])
    t.throws(() => requireVolumeId(id), { code: 'media.volume-id', hint: /At most 32/ }, id);
  t.end();
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
