/**
 * The package as users get it: built, packed, installed from the tarball in an empty folder, used as command and as
 * library. By itself instead of under node-tap, whose loader reaches into npm's processes.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../src/host/files.ts';

const root = join(import.meta.dirname, '..');
await using folder = await temporaryFolder('ingot-package-');
const place = join(folder.path, 'place');
const own = join(place, 'node_modules', 'ingot');
await mkdir(place);

/** With the whole environment, unlike Ingot's own `run`: npm finds its registry by it. */
const run = promisify(execFile);
const npm = (args: readonly string[], cwd: string) => run('npm', [...args, '--loglevel=error'], { cwd });
await npm(['pack', '--pack-destination', folder.path], root);
const [tarball = ''] = (await readdir(folder.path)).filter((name) => name.endsWith('.tgz'));
await writeFile(join(place, 'package.json'), '{"type": "module"}\n');
// A request that nobody answers is asked again soon, and what the checkout has fetched is not fetched once more.
const PATIENCE = ['--prefer-offline', '--fetch-timeout=60000', '--fetch-retries=5'];
await npm(['install', '--no-audit', '--no-fund', ...PATIENCE, join(folder.path, tarball)], place);

const ingot = async (...args: string[]): Promise<string> =>
  (await run(join(place, 'node_modules', '.bin', 'ingot'), args, { cwd: place })).stdout.trim();
assert.match(await ingot('--version'), /^\d+\.\d+\.\d+$/);
await ingot('init', 'x.yaml');
const key = join(place, 'x.pub');
await writeFile(key, 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone\n');
const minimal = join(own, 'examples', 'debian-12-minimal.yaml');
await ingot('validate', minimal, '--var', `key=${key}`);
// Templates and the files of the hooks are found beside the installed code.
await ingot('render', minimal, '--var', `key=${key}`, '-o', 'answers');
assert.match(await readFile(join(place, 'answers', 'preseed.cfg'), 'utf8'), /^d-i /m);
// A template of one's own is rendered in a process that is handed the texts of compiled functions.
await writeFile(join(place, 'own.ejs'), "<%- include('locale') -%>\nd-i my/own string <%= recipe.name %>\n");
const withOwn = (await readFile(minimal, 'utf8')).replace(/^answers:$/m, 'answers:\n  template: {file: own.ejs}');
await writeFile(join(place, 'own.yaml'), withOwn);
assert.match(await ingot('render', 'own.yaml', '--var', `key=${key}`), /^d-i my\/own string debian-12-minimal$/m);
assert.ok((await ingot('schema')).startsWith('{'));

const program = `import { loadRecipe } from 'ingot';
const { recipe } = await loadRecipe(${JSON.stringify(minimal)}, { variables: { key: ${JSON.stringify(key)} } });
console.log(recipe.name);
`;
await writeFile(join(place, 'use.js'), program);
assert.equal((await run(process.execPath, ['use.js'], { cwd: place })).stdout.trim(), 'debian-12-minimal');
await access(join(own, 'dist', 'index.d.ts'));

// npm leaves out optional packages that its registry does not offer, and then refuses its own lock file.
const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
  await readFile(join(root, 'package-lock.json'), 'utf8'),
);
for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const name of Object.keys(optionalDependencies)) {
    const there = `node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages;
    assert.ok(there, `package-lock.json has no entry for ${name}, which ${path} names`);
  }
}

// What is installed is what was locked here, by its digest: Node of bin/setup, this checkout, and the package of a user.
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
}
const lockedBy = async (path: string): Promise<[string, Locked][]> => {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(await readFile(path, 'utf8'));
  return Object.entries(packages).filter(([name, { link }]) => name !== '' && !link);
};
for (const path of [join(root, 'package-lock.json'), join(root, 'bin', 'node', 'package-lock.json')])
  for (const [name, { integrity, optional }] of await lockedBy(path))
    assert.ok(optional || /^sha512-/.test(integrity ?? ''), `${path} has no digest of ${name}`);
const [node] = await lockedBy(join(root, 'bin', 'node', 'package-lock.json'));
assert.match(node?.[1].version ?? '', /^24\./);
/** npm puts them into other folders than here: the name, and which version of it. */
const known = async (path: string): Promise<Set<string>> =>
  new Set((await lockedBy(path)).map(([name, { version }]) => `${name.replace(/^.*node_modules\//, '')} ${version}`));
const wanted = await known(join(root, 'package-lock.json'));
const installed = [...(await known(join(place, 'node_modules', '.package-lock.json')))].filter(
  (one) => !one.startsWith('ingot '),
);
assert.ok(installed.length > 10);
assert.deepEqual(
  installed.filter((one) => !wanted.has(one)),
  [],
);
assert.ok((await readdir(own)).includes('npm-shrinkwrap.json'));
assert.ok(!(await readdir(root)).includes('npm-shrinkwrap.json'), 'and nothing of it is left in the checkout');
console.log(`${tarball}: installed, rendered, used as a library`);
