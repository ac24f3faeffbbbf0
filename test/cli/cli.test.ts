import { cp, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fileRef, temporaryFolder } from '../../src/host/files.ts';
import { acquireLock } from '../../src/host/lock.ts';
import { run } from '../../src/host/run.ts';
import { visible } from '../../src/ui/format.ts';
import { buildPackage } from '../distributions/debian/tiny-archive.ts';
import { masterFixture } from '../media/fixture.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y test';

const ingot = (args: readonly string[], cwd: string) =>
  run(process.execPath, [MAIN, ...args], { cwd, allow: [0, 1, 2, 130] });

const recipe = (origin: string, more = ''): string => `name: web
os: {family: debian, release: "12"}
origin: ${origin}
answers:
  users: [{name: eva, sshKeys: ['${KEY}']}]
${more}`;

t.test('help, versions, and what is not a verb', async (t) => {
  const help = await ingot(['--help'], '/');
  t.equal(help.exitCode, 0);
  const verbs = [...help.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb ?? '');
  t.ok(verbs.length >= 14, `verbs: ${verbs}`);
  for (const verb of verbs.filter((verb) => verb !== 'help')) {
    const { stdout, exitCode } = await ingot([verb, '--help'], '/');
    t.equal(exitCode, 0, verb);
    t.match(stdout, new RegExp(`Examples?:\n  ingot ${verb}`), `${verb} has an example`);
  }
  for (const verb of ['list', 'show', 'verify', 'prune'])
    t.match((await ingot(['store', verb, '--help'], '/')).stdout, new RegExp(`Example:\n  ingot store ${verb}`));
  for (const verb of ['inspect', 'compare', 'verify', 'boot-test', 'netboot'])
    t.match((await ingot(['media', verb, '--help'], '/')).stdout, new RegExp(`Examples?:\n  ingot media ${verb}`));
  t.match(await ingot(['media', 'x.yaml'], '/'), { exitCode: 2, stderr: /--output/ }, '`make` may be left out');
  t.equal((await ingot(['frobnicate'], '/')).exitCode, 2);
  t.equal((await ingot(['build'], '/')).exitCode, 2);
  t.match(await ingot(['build', 'x.yaml', '--on-failure', 'explode'], '/'), {
    exitCode: 2,
    stderr: /keep, shell, destroy/,
  });
  t.match((await ingot(['--version'], '/')).stdout, /^\d+\.\d+\.\d+$/);
});

t.test('init, validate, render, schema', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  t.match(await ingot(['init', 'My Image.yaml'], cwd), { exitCode: 0, stdout: /Next: ingot validate/ });
  t.match(await ingot(['init', 'My Image.yaml'], cwd), { exitCode: 2, stderr: /usage\.file-exists/ });
  await writeFile(join(cwd, 'victim'), 'precious');
  await symlink('victim', join(cwd, 'linked.yaml'));
  t.match(await ingot(['init', '--force', 'linked.yaml'], cwd), { exitCode: 0 });
  t.equal(await readFile(join(cwd, 'victim'), 'utf8'), 'precious', 'a link is replaced, not followed');
  await writeFile(
    join(cwd, 'web.yaml'),
    recipe(
      '{assemble: debian, mirror: "http://archive.example.org/debian", securityMirror: "http://archive.example.org/security"}',
    ),
  );
  t.match(await ingot(['validate', 'web.yaml'], cwd), { exitCode: 0, stdout: /web 1 is valid/ });
  const rendered = await ingot(['render', 'web.yaml'], cwd);
  t.match(rendered, { exitCode: 0, stdout: /==> preseed\.cfg[\s\S]*partman-auto[\s\S]*openssh-server/ });
  t.match(rendered.stdout, /archive\.example\.org\/security/, 'the finished system takes its packages from there');
  t.match(await ingot(['render', 'web.yaml', '-o', 'rendered'], cwd), { exitCode: 0 });
  t.ok((await readdir(join(cwd, 'rendered'))).includes('preseed.cfg'));
  const hosts = 'hosts: {web1: {match: {serial: A1}, answers: {hostname: first}}, db1: {match: {serial: A2}}}\n';
  await writeFile(join(cwd, 'fleet.yaml'), recipe('{assemble: debian}', hosts));
  t.match(await ingot(['validate', 'fleet.yaml'], cwd), { exitCode: 0, stdout: /web 1 is valid, with 2 hosts/ });
  const first = await ingot(['render', 'fleet.yaml', '--host', 'web1'], cwd);
  t.match(first.stdout, /==> preseed\.cfg[\s\S]*get_hostname string first/);
  t.notMatch(first.stdout, /choose-host/);
  t.match((await ingot(['render', 'fleet.yaml', '--delivery'], cwd)).stdout, /==> ingot\/hosts\/db1\/preseed\.cfg/);
  // With an image there is no installer to answer, and the sources of packages are the image's own.
  await writeFile(join(cwd, 'base.qcow2'), '');
  await writeFile(join(cwd, 'base.yaml'), recipe('{image: base.qcow2}'));
  await writeFile(
    join(cwd, 'layer.yaml'),
    recipe('{image: {recipe: base.yaml}}', 'tests: {checks: [{service: ssh}]}\n'),
  );
  for (const name of ['base.yaml', 'layer.yaml']) {
    t.match(await ingot(['validate', name], cwd), { exitCode: 0, stdout: /is valid/ });
    t.match(await ingot(['lint', name], cwd), { exitCode: 0 });
  }
  t.match(await ingot(['lock', '--update', 'nothing.yaml'], cwd), { exitCode: 2, stderr: /nothing\.yaml/ });
  t.match(await ingot(['lock', '--update', 'jq', 'base.yaml'], cwd), {
    exitCode: 2,
    stderr: /usage\.not-locked[\s\S]*base\.yaml\.lock/,
  });
  t.match(await ingot(['lock', '--update'], cwd), { exitCode: 2, stderr: /missing required argument 'recipe'/ });
  await writeFile(join(cwd, 'goss.yaml'), 'gossfile: {other.yaml: {}}\n');
  await writeFile(join(cwd, 'base.yaml'), recipe('{image: base.qcow2}', 'tests: {checks: [{goss: goss.yaml}]}\n'));
  const base = await ingot(['validate', 'layer.yaml'], cwd);
  t.match(base, { exitCode: 2, stderr: /recipe\.goss/ }, 'what the recipe of the base names is read as well');
  t.match(await ingot(['render', 'fleet.yaml', '--host', 'web2'], cwd), { exitCode: 2, stderr: /usage\.no-such-host/ });
  t.match(
    (await ingot(['explain', 'fleet.yaml', '--store', 'store'], cwd)).stdout,
    /web1 +serial A1\n +answers\.hostname\n/,
  );
  const hostsJson = await ingot(['explain', 'fleet.yaml', '--store', 'store', '--json'], cwd);
  t.match(JSON.parse(hostsJson.stdout), [
    {
      hosts: [
        { name: 'web1', match: { serial: ['A1'] }, changes: ['answers.hostname'] },
        { name: 'db1', changes: [] },
      ],
    },
  ]);
  const schema = JSON.parse((await ingot(['schema'], cwd)).stdout);
  const committed = JSON.parse(await readFile(join(import.meta.dirname, '../../recipe.schema.json'), 'utf8'));
  t.same(schema, committed);
});

t.test('a bad recipe is refused with all its mistakes, before anything starts', async (t) => {
  await using folder = await temporaryFolder();
  await writeFile(
    join(folder.path, 'bad.yaml'),
    recipe('{iso: missing.iso, sha256: abc}', 'machine: {memory: lots, dsik: 8G}\n'),
  );
  const { exitCode, stderr } = await ingot(['build', 'bad.yaml', '--store', 'store'], folder.path);
  t.equal(exitCode, 2);
  for (const wanted of [/bad\.yaml:\d+:\d+: machine\.memory/, /dsik/, /did you mean/i, /origin\.sha256/])
    t.match(stderr, wanted);
  t.same(await readdir(folder.path), ['bad.yaml'], 'nothing was made');
});

t.test('an ISO that is none, truncated, another one, or without boot menus', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await mkdir(join(cwd, 'tree'));
  await writeFile(join(cwd, 'tree', 'file'), 'x'.repeat(1 << 20));
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', join(cwd, 'plain.iso'), join(cwd, 'tree')]);
  await run('cp', [join(cwd, 'plain.iso'), join(cwd, 'cut.iso')]);
  await truncate(join(cwd, 'cut.iso'), 1 << 19);
  await writeFile(join(cwd, 'text.iso'), 'not an ISO\n'.repeat(10_000));
  const cases = [
    ['text.iso', undefined, 'media.not-an-iso'],
    ['cut.iso', undefined, 'media.truncated'],
    ['plain.iso', '0'.repeat(64), 'origin.digest-mismatch'],
    ['plain.iso', undefined, 'media.no-boot'],
  ] as const;
  for (const [iso, digest, code] of cases) {
    const sha256 = digest ?? (await fileRef(join(cwd, iso))).sha256;
    const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
    await writeFile(join(cwd, 'iso.yaml'), recipe(`{iso: ${iso}, sha256: '${sha256}'}`, repositories));
    const { exitCode, stdout } = await ingot(['build', 'iso.yaml', '--store', 'store', '--plain'], cwd);
    t.equal(exitCode, 1, iso);
    t.match(stdout, new RegExp(code.replace('.', '\\.')), `${iso}: ${code}`);
    t.notMatch(stdout, /install: started/);
    t.notOk((await readdir(cwd)).includes('out'), 'no output');
  }
});

t.test('a medium with files of one’s own: made, kept, made anew when a file changes', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await masterFixture(cwd);
  await mkdir(join(cwd, 'firmware', 'x'), { recursive: true });
  await writeFile(join(cwd, 'firmware', 'x', 'a.bin'), 'one');
  await writeFile(join(cwd, 'preseed.ejs'), 'd-i debian-installer/locale string en_US.UTF-8\n');
  const { sha256 } = await fileRef(join(cwd, 'original.iso'));
  const media = `media: {volumeId: WEB, files: [{from: firmware, to: /firmware}], remove: [/pool/empty.deb]}\n`;
  const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
  const own = `${repositories}  template: {file: preseed.ejs}\n${media}`;
  await writeFile(join(cwd, 'web.yaml'), recipe(`{iso: original.iso, sha256: '${sha256}'}`, own));
  const make = (output: string) => ingot(['media', 'web.yaml', '-o', output, '--store', 'store', '--plain'], cwd);
  const made = await make('web.iso');
  t.match(made, { exitCode: 0, stdout: /added: \/firmware \(firmware\)\nremoved: \/pool\/empty\.deb/ });
  t.equal((await stat(join(cwd, 'web.iso'))).mode & 0o777, 0o644, 'keys that may be known are all that it holds');
  t.notMatch(made.stdout, /only you can read it/);
  const hash = '$6$saltsalt$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ./abcdefghijklmnopqrstuv';
  const secret = recipe(`{iso: original.iso, sha256: '${sha256}'}`, `${repositories}  template: {file: secret.ejs}\n`);
  await writeFile(join(cwd, 'secret.yaml'), secret);
  await writeFile(join(cwd, 'secret.ejs'), `d-i passwd/root-password-crypted password ${hash}\n`);
  const held = await ingot(['media', 'secret.yaml', '-o', 'secret.iso', '--store', 'store', '--plain'], cwd);
  t.match(held, { exitCode: 0, stdout: /^It holds password hashes: only you can read it\.$/m });
  t.equal((await stat(join(cwd, 'secret.iso'))).mode & 0o777, 0o600);
  const verify = ['media', 'verify', 'web.iso', '--original', 'original.iso'];
  const verified = await ingot([...verify, '--removed', '/pool/empty.deb'], cwd);
  t.match(verified, { exitCode: 0, stdout: /added +\/firmware\/x\/a\.bin\n/ });
  t.match(verified.stdout, /removed +\/pool\/empty\.deb/);
  t.match(await ingot(verify, cwd), { exitCode: 1, stderr: /media\.verify-files/ });
  const ours = ['--store', 'store', '--plain'];
  t.match(await ingot(['lock', 'web.yaml', ...ours], cwd), { exitCode: 0 });
  const locked = ['media', 'web.yaml', '-o', 'locked.iso', '--locked', ...ours];
  t.match(await ingot(locked, cwd), { exitCode: 0 });
  t.match(await ingot([...locked, '--refresh'], cwd), { exitCode: 2, stderr: /usage\.locked-and-refresh/ });
  const kept = await make('again.iso');
  t.match(kept.stdout, /delivery: (kept|from the store|unchanged)/);
  await writeFile(join(cwd, 'firmware', 'x', 'a.bin'), 'two');
  t.match(await ingot(locked, cwd), { stderr: /lock\.file-differs/ }, 'a medium keeps to its lock as an image does');
  await make('changed.iso');
  const [one, same, other, asLocked] = await Promise.all(
    ['web.iso', 'again.iso', 'changed.iso', 'locked.iso'].map((name) => fileRef(join(cwd, name))),
  );
  t.equal(same?.sha256, one?.sha256);
  t.equal(asLocked?.sha256, one?.sha256);
  t.not(other?.sha256, one?.sha256, 'the content of the file is in the key');
  t.match(await make('original.iso'), { exitCode: 1, stdout: /media\.same-file/ });
  t.equal((await fileRef(join(cwd, 'original.iso'))).sha256, sha256, 'and it is what it was');
});

t.test('a medium with packages of one’s own: signed, the same in another place, explained', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await masterFixture(cwd);
  const { sha256 } = await fileRef(join(cwd, 'original.iso'));
  const deb = (text: string) => buildPackage(cwd, 'vendor', { name: 'ours', files: { 'usr/share/ours': text } });
  const path = await deb('one');
  await writeFile(join(cwd, 'preseed.ejs'), 'd-i debian-installer/locale string en_US.UTF-8\n');
  const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
  const own = `${repositories}  template: {file: preseed.ejs}\nmedia: {packages: [{deb: 'vendor/o/*.deb'}]}\n`;
  await writeFile(join(cwd, 'web.yaml'), recipe(`{iso: original.iso, sha256: '${sha256}'}`, own));
  const make = (place: string, output: string) =>
    ingot(['media', join(place, 'web.yaml'), '-o', output, '--store', `${place}.store`, '--plain'], cwd);
  const made = await make(cwd, join(cwd, 'one.iso'));
  t.match(made, {
    exitCode: 0,
    stdout: /package added: ours 1\.0 \(vendor\/o\/ours_1\.0_amd64\.deb\)\nsigned by [0-9A-F]{40}, a key of the medium/,
  });

  const tree = join(cwd, 'packages');
  await run('xorriso', ['-osirrox', 'on', '-indev', join(cwd, 'one.iso'), '-extract', '/ingot/packages', tree]);
  const inRelease = join(tree, 'dists', 'ingot', 'InRelease');
  const env = { GNUPGHOME: cwd };
  t.match((await run('gpgv', ['--keyring', join(tree, 'key.gpg'), inRelease], { env })).stderr, /Good signature/);
  t.equal((await fileRef(join(tree, 'pool', 'o', 'ours_1.0_amd64.deb'))).sha256, (await fileRef(path)).sha256);
  t.equal(await readFile(join(tree, 'install'), 'utf8'), 'ours=1.0\n');

  await using elsewhere = await temporaryFolder();
  await cp(cwd, join(elsewhere.path, 'copy'), { recursive: true });
  t.match(await make(join(elsewhere.path, 'copy'), join(cwd, 'two.iso')), { exitCode: 0 });
  t.equal((await fileRef(join(cwd, 'two.iso'))).sha256, (await fileRef(join(cwd, 'one.iso'))).sha256);

  await deb('two');
  const explained = await ingot(['explain', 'web.yaml', '--store', `${cwd}.store`], cwd);
  t.match(explained.stdout, /packages[\s\S]*vendor\/o\/ours_1\.0_amd64\.deb\.sha256/);
  await rm(`${cwd}.store`, { recursive: true });
});

t.test('an ISO of another system, or without what the answers need', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const medium = join(cwd, 'medium');
  for (const name of ['isolinux', '.disk', 'pool/main/h/htop', 'install.amd'])
    await mkdir(join(medium, name), { recursive: true });
  for (const name of ['vmlinuz', 'initrd.gz']) await writeFile(join(medium, 'install.amd', name), 'x');
  await writeFile(join(medium, 'pool/main/h/htop/htop_3_amd64.deb'), 'x');
  await writeFile(join(medium, 'isolinux', 'isolinux.bin'), 'x'.repeat(4096));
  const menu = 'label install\n  kernel /install.amd/vmlinuz\n  append initrd=/install.amd/initrd.gz\n';
  await writeFile(join(medium, 'isolinux', 'isolinux.cfg'), menu);
  const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
  const cases = [
    [
      'Debian GNU/Linux 11.8.0 "Bullseye" - Official amd64 NETINST 20231007-10:29',
      /media\.other-system[\s\S]*Bullseye/,
    ],
    ['Debian GNU/Linux 12.8.0 "Bookworm" - Official arm64 NETINST 20241109-11:05', /media\.other-system/],
    [
      'Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST 20241109-11:05',
      /media\.packages-missing[\s\S]*openssh-server/,
    ],
  ] as const;
  for (const [info, wanted] of cases) {
    await writeFile(join(medium, '.disk', 'info'), info);
    const boot = ['-b', 'isolinux/isolinux.bin', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', join(cwd, 'other.iso'), ...boot, medium]);
    const { sha256 } = await fileRef(join(cwd, 'other.iso'));
    await writeFile(join(cwd, 'iso.yaml'), recipe(`{iso: other.iso, sha256: '${sha256}'}`, repositories));
    const { exitCode, stdout } = await ingot(['build', 'iso.yaml', '--store', 'store', '--plain'], cwd);
    t.equal(exitCode, 1, info);
    t.match(stdout, wanted);
    t.notMatch(stdout, /install: started/);
  }
});

t.test('several recipes and variants', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const nowhere = '{assemble: debian, mirror: "file:///nowhere", securityMirror: "file:///nowhere"}';
  const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
  await writeFile(join(cwd, 'web.yaml'), recipe(nowhere, repositories));
  await writeFile(join(cwd, 'db.yaml'), recipe(nowhere, repositories).replace('name: web', 'name: db'));
  const variants = 'variables: {firmware: bios}\nvariants: {firmware: [bios, uefi]}\n';
  await writeFile(
    join(cwd, 'many.yaml'),
    `${recipe(nowhere, repositories).replace('name: web', 'name: many')}${variants}`,
  );

  const valid = await ingot(['validate', 'many.yaml'], cwd);
  t.match(valid, { exitCode: 0, stdout: /many-bios 1 is valid[\s\S]*many-uefi 1 is valid/ });
  t.match(await ingot(['render', 'many.yaml'], cwd), { exitCode: 2, stderr: /recipe\.has-variants/ });
  t.match(await ingot(['explain', 'many.yaml', '--store', 'store'], cwd), {
    exitCode: 0,
    stdout: /^many-bios\nresolve[\s\S]*^many-uefi\nresolve/m,
  });
  const explained = await ingot(['explain', 'many.yaml', '--store', 'store', '--json'], cwd);
  t.match(JSON.parse(explained.stdout), [{ name: 'many-bios' }, { name: 'many-uefi' }], 'one text, all builds');
  const both = await ingot(
    ['build', 'web.yaml', 'db.yaml', '--store', 'store', '--json', '--var', 'firmware=bios'],
    cwd,
  );
  t.match(both, { exitCode: 2, stderr: /no-such-variable/ });
  t.match(await ingot(['build', 'web.yaml', 'web.yaml', '--store', 'store'], cwd), {
    exitCode: 2,
    stderr: /usage\.same-name/,
  });

  const failed = await ingot(['build', 'web.yaml', 'many.yaml', '--store', 'store', '--json'], cwd);
  t.equal(failed.exitCode, 1);
  const events = failed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ends = events.filter(({ type }) => type === 'build.failed').map(({ build }) => build);
  t.same(ends.sort(), ['many-bios', 'many-uefi', 'web'], 'one that fails does not stop the others');
  const plain = await ingot(['build', 'web.yaml', 'db.yaml', '--store', 'store', '--plain'], cwd);
  t.match(plain.stdout, /^00:00 web: web 1: resolve[\s\S]*^0 of 2 builds done; not done: web, db$/m);
  t.match(plain.stdout, /^00:0\d db: resolve: failed/m);
});

t.test('everything is written, however slow the reader is', async (t) => {
  const { stdout } = await run('sh', ['-c', `${process.execPath} ${MAIN} schema | { sleep 1; cat; }`]);
  t.ok(stdout.length > 65_536);
  t.doesNotThrow(() => JSON.parse(stdout));
  const { exitCode } = await run('sh', ['-c', `${process.execPath} ${MAIN} schema | head -c 1`]);
  t.equal(exitCode, 0, 'nor does it hang on one that goes away');
});

t.test('a build whose reader goes away comes to its end', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await writeFile(
    join(cwd, 'web.yaml'),
    recipe(
      '{assemble: debian, mirror: "file:///nowhere", securityMirror: "file:///nowhere"}',
      `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`,
    ),
  );
  await run('sh', ['-c', `${process.execPath} ${MAIN} build web.yaml --store store --json | head -n 1`], { cwd });
  t.match((await ingot(['show', '--list', '--store', 'store'], cwd)).stdout, /(interrupted|failed) after/);
  t.notOk((await readdir(cwd)).includes('out'), 'no lock and no half of an output is left');
});

const ESC = '\x1b]52;c;Zm9v\x07\x1b[31m\x9b2J\u202e';
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNTAMED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

t.test('no control character of anybody else reaches the terminal', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const at = (...parts: string[]) => join(cwd, ...parts);
  const name = '20260101T000000-web-99999999';
  await mkdir(at('store', 'runs', name), { recursive: true });
  const time = '2026-01-01T00:00:00Z';
  const error = { code: 'guest.x', message: `m${ESC}`, where: `w${ESC}`, hint: `h${ESC}`, detail: `d${ESC}\nd${ESC}` };
  const events = [
    { type: 'build.start', at: time, recipe: `r${ESC}`, version: `v${ESC}`, stages: [`s${ESC}`], runFolder: '/x' },
    { type: 'stage.start', at: time, stage: `s${ESC}` },
    { type: 'stage.note', at: time, stage: `s${ESC}`, text: `n${ESC}` },
    { type: 'build.failed', at: time, duration: 1, error, evidence: `e${ESC}` },
  ];
  await writeFile(at('store', 'runs', name, 'events.ndjson'), events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await writeFile(at(`x${ESC}.yaml`), `name: web\n"${'\\e'}]0;title": 1\n`);
  await writeFile(at('bad.yaml'), `name: web\nos: {family: "x\\e[31m\\u202e"}\n`);
  await writeFile(at('preseed.cfg'), `d-i no/such${ESC} string x\nd-i a/b sting ${ESC}\n`);
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'LABEL', '-o', at('x.iso'), at('bad.yaml')]);
  const iso = await readFile(at('x.iso'));
  // The volume's name and its publisher (ECMA-119, 8.4.7 and 8.4.17).
  for (const offset of [40, 318]) iso.write('\x1b]0;x\x07', 16 * 2048 + offset, 'latin1');
  await writeFile(at('x.iso'), iso);
  const cases: readonly (readonly string[])[] = [
    ['show', '--store', 'store'],
    ['show', '--list', '--store', 'store'],
    ['show', `no${ESC}`, '--store', 'store'],
    ['validate', `x${ESC}.yaml`],
    ['validate', 'bad.yaml'],
    ['lint', 'preseed.cfg', '--release', 'debian-12'],
    ['lint', 'preseed.cfg', '--release', 'debian-12', '--format', 'json'],
    ['lint', `no${ESC}.cfg`],
    ['media', 'inspect', 'x.iso'],
    ['media', 'inspect', 'x.iso', '--json'],
    ['media', 'verify', 'x.iso'],
    ['media', 'verify', `no${ESC}.iso`],
    [`no-verb${ESC}`],
    ['build', `--no-option${ESC}`],
  ];
  for (const args of cases) {
    const { stdout, stderr } = await ingot(args, cwd);
    const said = stdout + stderr;
    t.ok(said.length > 20, args.join(' '));
    t.notMatch(said, UNTAMED, args.map((arg) => visible(arg)).join(' '));
    if (args.includes('--json') || args.includes('json')) t.doesNotThrow(() => JSON.parse(stdout));
  }
  t.match((await ingot(['show', '--store', 'store'], cwd)).stdout, /m\\u001b\]52;c;Zm9v\\u0007/, 'it is shown instead');
});

t.test('one file prints', async (t) => {
  const root = join(import.meta.dirname, '..', '..', 'src');
  const files = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.ts'));
  const printing: string[] = [];
  for (const path of files) {
    const text = await readFile(join(root, path), 'utf8');
    if (/process\.std(out|err)\.write\(|console\.(log|error|warn|info)\(/.test(text)) printing.push(path);
  }
  t.same(printing, ['cli/print.ts']);
});

t.test('linting fetches nothing, whatever a kickstart file says', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await mkdir(join(cwd, 'bin'));
  await writeFile(join(cwd, 'bin', 'ksvalidator'), `#!/bin/sh\ntouch '${cwd}/asked'\n`, { mode: 0o755 });
  const env = { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}` };
  const lint = async (text: string) => {
    await writeFile(join(cwd, 'ks.cfg'), text);
    return run(process.execPath, [MAIN, 'lint', 'ks.cfg', '--release', 'rhel-9'], { cwd, env, allow: [0, 1] });
  };
  await lint('text\n%ksappend /etc/passwd\n');
  t.notOk((await readdir(cwd)).includes('asked'));
  await lint('text\n');
  t.ok((await readdir(cwd)).includes('asked'));
});

t.test('paths that cannot be written are named', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  await writeFile(
    join(cwd, 'web.yaml'),
    recipe(
      '{assemble: debian, mirror: "http://archive.example.org/debian", securityMirror: "http://archive.example.org/security"}',
    ),
  );
  const cases = [
    [['init', 'nowhere/x.yaml'], /host\.no-such-file/],
    [['render', 'web.yaml', '-o', 'web.yaml'], /host\.(not-a-folder|file-exists)/],
    [['media', 'web.yaml', '-o', '.', '--store', 'store'], /usage\.output-is-folder/],
  ] as const;
  for (const [args, wanted] of cases) {
    const { exitCode, stderr } = await ingot([...args], cwd);
    t.ok(exitCode === 1 || exitCode === 2, args.join(' '));
    t.match(stderr, wanted);
    t.notMatch(stderr, /\[internal\]|\n +at /, 'no stack');
  }
});

t.test('what the host lacks, and templates that cannot be rendered, are told before anything starts', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const nowhere = '{assemble: debian, mirror: "file:///nowhere", securityMirror: "file:///nowhere"}';
  const repositories = `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`;
  await writeFile(join(cwd, 'play.yml'), '- hosts: all\n');
  const bin = join(cwd, 'bin');
  await mkdir(bin);
  for (const name of [
    'sh',
    'qemu-system-x86_64',
    'qemu-img',
    'xorriso',
    'mcopy',
    'mkfs.fat',
    'sfdisk',
    'debugfs',
    'setpriv',
    'ssh',
    'apt-get',
    'dpkg-deb',
    'gpgv',
    'depmod',
    'flock',
    'xz',
  ])
    await run('ln', [
      '-s',
      (
        await run('sh', ['-c', `command -v ${name} || command -v /usr/sbin/${name} || command -v /sbin/${name}`])
      ).stdout.trim(),
      join(bin, name),
    ]);
  const build = async (steps: string, env: Record<string, string> = {}) => {
    await writeFile(join(cwd, 'web.yaml'), recipe(nowhere, `${repositories}configure: ${steps}\n`));
    return run(process.execPath, [MAIN, 'build', 'web.yaml', '--store', 'store'], { cwd, env, allow: [0, 1, 2] });
  };
  const bare = await build('[{ansible: {playbook: play.yml}}]', { PATH: bin });
  t.match(bare, {
    exitCode: 1,
    stderr: /ansible-playbook {2}\[host\.tool-missing\][\s\S]*apt-get install ansible-core/,
  });
  await writeFile(join(cwd, 'role.yml'), '- hosts: all\n  roles: [missing.role]\n');
  const role = await build('[{ansible: {playbook: role.yml}}]');
  t.match(role, {
    exitCode: 1,
    stderr: /guest\.playbook-invalid[\s\S]*'missing\.role' was not found[\s\S]*ansible-galaxy/,
  });
  for (const template of ['<%= variables.nope %>', '<% if ( %>']) {
    const wrong = await build(`[{copy: {content: "${template}", to: /etc/motd, template: true}}]`);
    t.match(wrong, { exitCode: 1, stderr: /guest\.template-failed[\s\S]*content for \/etc\/motd/ }, template);
  }
  t.notOk((await readdir(cwd)).includes('store'), 'nothing was begun');
});

t.test('a second build of the same image is told so at once', async (t) => {
  await using folder = await temporaryFolder();
  await writeFile(
    join(folder.path, 'web.yaml'),
    recipe(
      '{assemble: debian, mirror: "file:///nowhere", securityMirror: "file:///nowhere"}',
      `  repositories: [{name: debian, uris: ['http://archive.example.org/debian'], suites: [bookworm]}]\n`,
    ),
  );
  await mkdir(join(folder.path, 'out'));
  await using _held = await acquireLock(join(folder.path, 'out', '.web.lock'), { purpose: 'test' });
  const { exitCode, stdout } = await ingot(['build', 'web.yaml', '--store', 'store', '--json'], folder.path);
  t.equal(exitCode, 1);
  const events = stdout.split('\n').map((line) => JSON.parse(line));
  t.same(
    events.map(({ type }) => type),
    ['build.start', 'build.failed'],
  );
  t.match(events.at(-1), { error: { code: 'capture.output-busy' } });
});

t.test('explain says what would run; stages are chosen by name', async (t) => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const iso = join(cwd, 'x.iso');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', iso, MAIN]);
  const { sha256 } = await fileRef(iso);
  await writeFile(join(cwd, 'web.yaml'), recipe(`{iso: x.iso, sha256: ${sha256}}`));
  const explained = await ingot(['explain', 'web.yaml', '--store', 'store'], cwd);
  t.match(explained, { exitCode: 0, stdout: /^fetch +runs: never made in this store\nanswers +runs after/ });
  const json = await ingot(['explain', 'web.yaml', '--store', 'store', '--json'], cwd);
  t.match(JSON.parse(json.stdout), [
    {
      name: 'web',
      stages: [
        { stage: 'fetch', state: 'new' },
        { stage: 'answers', state: 'waits' },
      ],
    },
  ]);
  const wrong = await ingot(['build', 'web.yaml', '--store', 'store', '--from', 'instal'], cwd);
  t.match(wrong, { exitCode: 2, stderr: /no stage `instal`[\s\S]*Did you mean `install`/ });
  const stopped = await ingot(['build', 'web.yaml', '--store', 'store', '--until', 'fetch'], cwd);
  t.match(stopped, { exitCode: 0, stdout: /fetch/ }, stopped.stderr);
  t.notOk((await readdir(join(cwd, 'out')).catch((): string[] => [])).includes('web'), 'there is no half image');
  t.match((await ingot(['explain', 'web.yaml', '--store', 'store'], cwd)).stdout, /^fetch +unchanged/);
});
