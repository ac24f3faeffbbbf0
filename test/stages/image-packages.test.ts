/**
 * Packages for an image whose machine has no network: chosen on the host over what the image has, on a medium of their own,
 * in the lock and in a bundle. Nothing here starts a machine.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { freshStages } from '../../src/cli/fresh-stages.ts';
import { parseStanzas } from '../../src/formats/packages/deb822.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import { openStore } from '../../src/pipeline/store.ts';
import { imageStages } from '../../src/plan.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { namesFor } from '../../src/stages/origin/image-packages-stage.ts';
import { makeDisk } from '../capture/small-disk.ts';
import { buildPackage, closeArchive, tinyArchive } from '../distributions/debian/tiny-archive.ts';

t.setTimeout(240_000);

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y test';

const work = await temporaryFolder('ingot-image-packages-');
const at = (...names: string[]) => join(work.path, ...names);
const archive = await tinyArchive(at('archive'));
let isOpen = true;
const close = async () => {
  if (isOpen) await closeArchive(archive);
  isOpen = false;
};
t.teardown(async () => {
  await close();
  await work[Symbol.asyncDispose]();
});

const status = (name: string, version = '1.0', more = '') =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}`;
await run('mkdir', ['-p', at('disk'), at('there')]);
const image = await makeDisk({
  folder: at('disk'),
  files: {
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    '/var/lib/dpkg/status': [
      status('libtool-x'),
      status('usr-is-merged'),
      status('sudo', '1.9'),
      status('libextra', '1.0'),
      'Package: extra\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 0.1\n',
    ].join('\n'),
  },
});
const ours = await buildPackage(at(), 'debs', { name: 'ours', fields: { Depends: 'libextra (>= 1.1)' } });

interface Said {
  readonly answers?: string;
  readonly more?: string;
  readonly mirror?: string;
}

const recipeText = ({ answers = '', more = '', mirror = archive.mirror }: Said = {}): string => `name: over
os: {family: debian, release: "12"}
origin:
  image: ${image}
  format: raw
  mirror: ${mirror}
  securityMirror: ${mirror === archive.mirror ? archive.security : mirror}
  keyring: ${archive.keyring}
answers: {users: [{name: eva, sudo: nopasswd, sshKeys: ['${KEY}']}]${answers}}
${more}`;

const recipe = async (said: Said = {}, name = 'over') => {
  const path = at(`${name}.yaml`);
  await writeFile(path, recipeText(said));
  return loadRecipe(path);
};

const ingot = (args: readonly string[], cwd = work.path) =>
  run(process.execPath, [MAIN, ...args, '--plain'], { cwd, allow: [0, 1, 2] });

const store = ['--store', at('store')];
const build = (name: string, more: readonly string[] = store) =>
  ingot(['build', `${name}.yaml`, '--until', 'packages-medium', ...more]);

/** What the newest medium of a store has: what the guest's apt is told to install, and all packages. */
const onMedium = async (folder = at('store')) => {
  const known = await openStore(folder);
  const [newest] = (await known.keys('packages-medium')).toSorted((one, other) => other.made - one.made);
  const found = newest && (await known.find('packages-medium', known.storedDigest('packages-medium', newest.key)));
  const iso = (found?.out as { iso?: { path: string } } | undefined)?.iso;
  if (iso === undefined) return undefined;
  const medium = await readMedium(iso.path);
  const text = async (path: string) => (await readMediumFile(medium, `/ingot/packages/${path}`)).toString('utf8');
  return {
    isKnown: medium.files.has('/.disk/info'),
    install: (await text('install')).trim().split('\n'),
    packages: parseStanzas(await text('dists/ingot/main/binary-amd64/Packages')).map(
      (one) => `${one.get('package')} ${one.get('version')}`,
    ),
  };
};

t.test('which stages a recipe has', async (t) => {
  const added = async (said: Said) => imageStages(await recipe(said, 'plan')).filter((one) => /^packages/.test(one));
  t.same(await added({ answers: ', packages: [tool]' }), ['packages', 'packages-medium']);
  t.same(await added({}), ['packages', 'packages-medium'], 'sudo, as the recipe tells');
  const { recipe: slim } = await recipe({ more: 'slim: {strip: [cloud-kernel]}\n' }, 'plan');
  t.same(namesFor(slim), ['linux-image-cloud-amd64', 'sudo'], 'a kernel that takes the place of another');
  await recipe({}, 'above');
  await writeFile(
    at('top.yaml'),
    `name: top\nos: {family: debian, release: "12"}\norigin: {image: {recipe: above.yaml}}\n`,
  );
  t.same(
    freshStages({ cache: true, refresh: true }, imageStages(await loadRecipe(at('top.yaml')))),
    new Set(['over: obtain', 'over: packages']),
    'what --refresh looks at again, of a recipe below too',
  );
  const open = 'machine: {network: open}\n';
  t.same(await added({ answers: ', packages: [tool]', more: open }), [], 'its machine fetches them itself');
  t.same(await added({ more: `${open}media: {packages: [{deb: debs/o/*.deb}]}\n` }), ['packages', 'packages-medium']);
});

t.test('what the image has is not asked for: no mirror is needed', async (t) => {
  await recipe({ mirror: 'http://127.0.0.1:1' });
  const { exitCode, stderr } = await build('over');
  t.equal(exitCode, 0, stderr);
  t.equal(await onMedium(), undefined, 'and there is no medium');
});

t.test('what it lacks comes with its dependencies, in the versions that the mirror has', async (t) => {
  await recipe({ answers: ', packages: [tool, extra]', more: `media: {packages: [{deb: debs/o/*.deb}]}\n` });
  const { exitCode, stdout, stderr } = await build('over');
  t.equal(exitCode, 0, stderr);
  t.same(await onMedium(), {
    isKnown: true,
    install: ['extra=1.0', 'ours=1.0', 'tool=1.0'],
    packages: ['extra 1.0', 'libextra 1.1', 'ours 1.0', 'tool 1.0'],
  });
  t.match(stdout + stderr, /libextra 1\.1 takes the place of 1\.0/);
  await recipe({ answers: ', packages: [tool/bookworm-backports]' }, 'newer');
  const newer = await build('newer');
  t.equal(newer.exitCode, 0, newer.stderr);
  t.same((await onMedium())?.install, ['tool=2.0~bpo12+1'], 'of a suite that the system does not follow');
});

t.test('what cannot be had is named before anything starts', async (t) => {
  await recipe({ answers: ', packages: [tool, extra]', mirror: 'http://127.0.0.1:1' }, 'nowhere');
  t.match(await build('nowhere'), {
    exitCode: 1,
    stdout: /the image lacks tool, extra, and the mirror cannot be reached +\[origin\.mirror-unreachable\]/,
  });
  await recipe({ answers: ', packages: [tol]' }, 'unknown');
  t.match(await build('unknown'), {
    exitCode: 1,
    stdout: /packages for the image need what cannot be found[\s\S]*origin\.unsolvable[\s\S]*tol/,
  });
});

t.test('a lock has them, a build keeps to it, and a bundle carries them where no mirror is', async (t) => {
  await recipe({ answers: ', packages: [tool]', more: `media: {packages: [{deb: debs/o/*.deb}]}\n` });
  const made = await ingot(['lock', 'over.yaml', ...store]);
  t.match(
    made,
    { exitCode: 0, stdout: /disk image disk\.raw, 3 added packages|image[\s\S]*3 added packages/ },
    made.stderr,
  );
  const lock = await readFile(at('over.yaml.lock'), 'utf8');
  t.match(lock, /request:\n +install: \[ sudo, tool \]/, 'what the recipe asks for');
  t.notMatch(lock, /mirrors:/, 'the host gives the image no package sources');
  t.match(await ingot(['lock', 'over.yaml', '--check']), { exitCode: 0, stdout: /fits/ });
  await buildPackage(archive.path('debian'), 'pool/main', { name: 'tool', version: '1.5' });
  await archive.publish();
  const locked = await build('over', [...store, '--locked']);
  t.equal(locked.exitCode, 0, locked.stderr);
  t.same((await onMedium())?.packages, ['libextra 1.1', 'ours 1.0', 'tool 1.0'], 'not the newer one of today');
  const refreshed = await build('over', [...store, '--refresh']);
  t.equal(refreshed.exitCode, 0, refreshed.stderr);
  t.same((await onMedium())?.packages, ['libextra 1.1', 'ours 1.0', 'tool 1.5'], 'which --refresh takes');
  await recipe({ answers: ', packages: [tool, extra]', more: `media: {packages: [{deb: debs/o/*.deb}]}\n` });
  t.match(await build('over', [...store, '--locked']), { exitCode: 1, stderr: /to install, not in the lock: extra/ });
  await recipe({ answers: ', packages: [tool]', more: `media: {packages: [{deb: debs/o/*.deb}]}\n` });

  const above = `name: top
os: {family: debian, release: "12"}
origin: {image: {recipe: over.yaml}, mirror: ${archive.mirror}, securityMirror: ${archive.security}, keyring: ${archive.keyring}}
answers: {packages: [tool, extra]}
`;
  await writeFile(at('top.yaml'), above);
  const over = await ingot(['lock', 'top.yaml', ...store]);
  t.match(
    over,
    { exitCode: 0, stdout: /: 1 added package, .*; over over\.yaml: image .* 3 added packages/ },
    over.stderr,
  );
  const [ofTop = ''] = (await readFile(at('top.yaml.lock'), 'utf8')).split('below:');
  t.match(ofTop, /install: \[ extra=1\.0 \]/, 'what the image below will have is not asked for again');
  t.match(await ingot(['lock', 'top.yaml', '--check']), { exitCode: 0, stdout: /fits/ });
  const both = await ingot(['bundle', 'export', 'top.yaml', '-o', at('top.bundle'), ...store]);
  t.match(both, { exitCode: 0, stdout: /package +3 / }, both.stderr);

  const exported = await ingot(['bundle', 'export', 'over.yaml', '-o', at('over.bundle'), ...store]);
  t.match(exported, { exitCode: 0, stdout: /file +2 [\s\S]*package +2 / }, exported.stderr);
  await close();
  await rm(ours);
  const there = ['--bundle', at('over.bundle'), '--until', 'packages-medium', '--store', at('store-2')];
  const carried = await ingot(['build', ...there], at('there'));
  t.equal(carried.exitCode, 0, carried.stderr);
  t.same((await onMedium(at('store-2')))?.packages, ['libextra 1.1', 'ours 1.0', 'tool 1.0']);
});
