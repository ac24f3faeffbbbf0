/**
 * Runs all checks and tests, and ends with one line: `N passed, N failed`. A check (lint, types, structure, unused
 * code, the packed package) counts as one; of the tests every assertion counts. A run that executed no assertion has failed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const wanted = new Set(process.argv.slice(2));

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const execute = (command: string, args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += String(chunk);
        process.stdout.write(chunk);
      });
    }
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
  });

const check = async (name: string, command = ['npm', 'run', '--silent', name]): Promise<Count> => {
  const started = performance.now();
  const [program = '', ...args] = command;
  const { code } = await execute(program, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok' : 'NOT OK'}: ${name} (${seconds} s)`);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

/** Runs test files with node-tap: `jobs` at a time, each for at most `limit` seconds. */
const tap = async (files: readonly string[], jobs: number, limit: number): Promise<Count> => {
  if (files.length === 0) return { passed: 0, failed: 0 };
  const args = [
    'node_modules/tap/dist/esm/run.mjs',
    'run',
    '--reporter=terse',
    `--jobs=${jobs}`,
    `--timeout=${limit}`,
    '--exclude=',
    ...files,
  ];
  const { code, output } = await execute(process.execPath, args);
  const figures = /# \{ total: (\d+), pass: (\d+)(?:, fail: (\d+))?/.exec(output);
  const passed = Number(figures?.[2] ?? 0);
  const failed = Number(figures?.[3] ?? 0);
  if (figures && passed > 0 && (code === 0) === (failed === 0)) return { passed, failed };
  console.log(`NOT OK: tap ended with ${code}, ${passed} assertions passed`);
  return { passed, failed: Math.max(1, failed) };
};

const testFiles = async (folder: string, recursive: boolean): Promise<string[]> => {
  const items = await readdir(join(root, folder), { withFileTypes: true, recursive }).catch(() => []);
  return items
    .filter((item) => item.isFile() && item.name.endsWith('.test.ts'))
    .map((item) => join(item.parentPath, item.name).slice(root.length + 1))
    .sort();
};

const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((all, count) => all + count.passed, 0),
  failed: counts.reduce((all, count) => all + count.failed, 0),
});

/** Digest of all that a long test may depend on, so that an unchanged one need not run again. */
const sourceDigest = async (): Promise<string> => {
  const hash = createHash('sha256');
  for (const folder of ['src', 'preseed', 'kickstart', 'vm', 'installer', 'examples', 'test']) {
    const items = await readdir(join(root, folder), { withFileTypes: true, recursive: true }).catch(() => []);
    const paths = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
    for (const path of paths.sort()) hash.update(path.slice(root.length)).update(await readFile(path));
  }
  return hash.digest('hex');
};

/** The long tests, one file after the other; what passed on the very same sources is not run again. */
const long = async (): Promise<Count> => {
  const stateFile = join(root, '.long-tests.json');
  const digest = await sourceDigest();
  const read: unknown = JSON.parse(await readFile(stateFile, 'utf8').catch(() => '{}'));
  const state = new Map<string, Count & { digest: string; date: string; minutes: number }>(Object.entries(read ?? {}));
  for (const file of await testFiles('test/long', true)) {
    const known = state.get(file);
    if (known?.digest === digest && known.failed === 0) {
      console.log(`${file}: passed on the same sources on ${known.date}`);
      continue;
    }
    const started = performance.now();
    const count = await tap([file], 1, 3 * 3600);
    const minutes = Math.round((performance.now() - started) / 6_000) / 10;
    state.set(file, { ...count, digest, date: new Date().toISOString().slice(0, 10), minutes });
    await writeFile(stateFile, `${JSON.stringify(Object.fromEntries(state), null, 2)}\n`);
    // Behind each, since a run may be cut off.
    await writeLongReport(state);
  }
  return sum([...state.values()]);
};

const writeLongReport = async (
  state: ReadonlyMap<string, Count & { digest: string; date: string; minutes: number }>,
): Promise<void> => {
  const rows = [...state].map(
    ([file, { passed, failed, digest, date, minutes }]) =>
      `| ${file} | ${passed} | ${failed} | ${minutes} | ${date} | ${digest.slice(0, 12)} |`,
  );
  const text = [
    '# Long tests',
    '',
    'The last result of each long test, in a run of `bin/test --long` or by itself. Rows with the same sources are of one state:',
    'the beginning of a digest over all that a long test may depend on.',
    '',
    '| file | passed | failed | minutes | date | sources |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await mkdir(join(root, 'docs'), { recursive: true });
  await writeFile(join(root, 'docs', 'long-tests.md'), text);
};

const unitFiles = (await testFiles('test', true)).filter((file) => !/^test\/(e2e|long)\//.test(file));
const counts: Count[] = [];
for (const script of ['lint', 'types', 'structure', 'unused']) counts.push(await check(script));
counts.push(await check('package', [process.execPath, 'test/package.ts']));
counts.push(await tap(unitFiles, 2, 300));
if (!wanted.has('--quick')) counts.push(await tap(await testFiles('test/e2e', true), 1, 3600));
if (wanted.has('--long')) counts.push(await long());
const { passed, failed } = sum(counts);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 5 ? 0 : 1);
