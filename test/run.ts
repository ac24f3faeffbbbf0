/**
 * Runs all checks and tests, and ends with one line: `N passed, N failed`. A check (lint, types, structure, unused
 * code, the packed package) counts as one; of the tests every assertion counts. A run that executed no assertion has failed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { UNCAUGHT } from './uncaught.ts';

const root = join(import.meta.dirname, '..');
const wanted = new Set(process.argv.slice(2));

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
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
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
};

/** Runs test files with node-tap: `jobs` at a time, each for at most `limit` seconds. */
const tap = async (files: readonly string[], jobs: number, limit: number): Promise<Count> => {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const args = [
    'node_modules/tap/dist/esm/run.mjs',
    'run',
    '--reporter=terse',
    `--jobs=${jobs}`,
    `--timeout=${limit}`,
    '--exclude=',
    `--node-arg=--import=${join(root, 'test', 'uncaught.ts')}`,
    ...files,
  ];
  const { code, output } = await execute(process.execPath, args);
  const figures = /# \{ total: \d+(?:, pass: \d+)?(?:, \w+: \d+)* \}/.exec(output)?.[0];
  const figure = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(figures ?? '')?.[1] ?? 0);
  const [passed, failed, skipped] = [figure('pass'), figure('fail'), figure('skip')];
  if (figures && passed + skipped > 0 && (code === 0) === (failed === 0)) return { passed, failed, skipped };
  console.log(`NOT OK: tap ended with ${code}, ${passed} assertions passed`);
  return { passed, failed: Math.max(1, failed), skipped };
};

/** A machine of the tests has 1 to 2 GiB, and a build beside it. */
const MEMORY_PER_LANE = 4 * 2 ** 30;

/**
 * The end-to-end tests. Each folder of test/e2e is a lane: its files run one after the other, since they share what is installed.
 * Lanes share nothing and run side by side, at most one for each processor.
 */
const endToEnd = async (): Promise<Count> => {
  const files = await testFiles('test/e2e', true);
  const lanes = [...Map.groupBy(files, (file) => dirname(file)).values()];
  const room = Math.floor(freemem() / MEMORY_PER_LANE);
  const counts: Count[] = [];
  const runLanes = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift())
      for (const file of lane) {
        const started = performance.now();
        counts.push(await tap([file], 1, 3600));
        console.log(`${file}: ${((performance.now() - started) / 60_000).toFixed(1)} min`);
      }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(availableParallelism(), room)) }, runLanes));
  return sum(counts);
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
  skipped: counts.reduce((all, count) => all + count.skipped, 0),
});

/** What machines need of the host, so that a record of a run that failed says whether it was there. */
const tellRoom = async (): Promise<void> => {
  const { bavail, bsize } = await statfs(root);
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  console.log(`room: ${gib(bavail * bsize)} on the disk, ${gib(freemem())} of memory`);
};

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

const REPORT = join(root, 'docs', 'long-tests.md');

interface LongResult extends Count {
  readonly minutes: number;
  /** ISO 8601. */
  readonly date: string;
  /** The beginning of the digest over the sources. */
  readonly sources: string;
}

/** The report is the memory, so that a run of some leaves the rows of the others. */
const readReport = async (): Promise<Map<string, LongResult>> => {
  const text = await readFile(REPORT, 'utf8').catch(() => '');
  const rows = text.split('\n').filter((line) => line.startsWith('| test/'));
  return new Map(
    rows.map((row) => {
      const [, file = '', passed, failed, skipped, minutes, date = '', sources = ''] = row
        .split('|')
        .map((one) => one.trim());
      const counts = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
      return [file, { ...counts, minutes: Number(minutes), date, sources }];
    }),
  );
};

const writeReport = async (results: ReadonlyMap<string, LongResult>): Promise<void> => {
  const rows = [...results]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([file, { passed, failed, skipped, minutes, date, sources }]) =>
        `| ${file} | ${passed} | ${failed} | ${skipped} | ${minutes} | ${date} | ${sources} |`,
    );
  const text = [
    '# Long tests',
    '',
    'The last result of each long test, in a run of `bin/test --long` or by itself (`bin/test --long=layouts`). Rows with the same',
    'sources are of one state: the beginning of a digest over all that a long test may depend on. What was skipped says why when',
    'it runs: something that the mirror lacks on that day, or that was not asked for.',
    '',
    '| file | passed | failed | skipped | minutes | date | sources |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await mkdir(join(root, 'docs'), { recursive: true });
  await writeFile(REPORT, text);
};

/** The long tests, one file after the other; what passed whole on the very same sources is not run again. `only`: names of files. */
const long = async (only?: readonly string[]): Promise<Count> => {
  const sources = (await sourceDigest()).slice(0, 12);
  const results = await readReport();
  const files = await testFiles('test/long', true);
  const unknown = only?.find((name) => !files.some((file) => nameOf(file) === name));
  if (unknown !== undefined) throw new Error(`--long=${unknown}: one of ${files.map(nameOf).join(', ')}`);
  const ran: Count[] = [];
  for (const file of files.filter((one) => only?.includes(nameOf(one)) ?? true)) {
    const known = results.get(file);
    if (known?.sources === sources && known.failed === 0 && known.skipped === 0) {
      console.log(`${file}: passed on the same sources on ${known.date}`);
      ran.push(known);
      continue;
    }
    const started = performance.now();
    const count = await tap([file], 1, 8 * 3600);
    ran.push(count);
    const minutes = Math.round((performance.now() - started) / 6_000) / 10;
    results.set(file, { ...count, minutes, date: new Date().toISOString().slice(0, 10), sources });
    // After each, since a run may be cut off.
    await writeReport(results);
  }
  return sum(ran);
};

const nameOf = (file: string): string => file.replace(/^.*\/|\.test\.ts$/g, '');

/** `least`: assertions of a run that is whole; of one long test a few may be all. */
const end = async (counts: readonly Count[], least = 6): Promise<never> => {
  const { passed, failed, skipped } = sum(counts);
  if (failed > 0) console.log(await readFile(UNCAUGHT, 'utf8').catch(() => ''));
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed >= least ? 0 : 1);
};

const some = [...wanted].find((one) => one.startsWith('--long='))?.slice('--long='.length);
await rm(UNCAUGHT, { force: true });
if (some !== undefined) await end([await long(some.split(','))], 1);
const unitFiles = (await testFiles('test', true)).filter((file) => !/^test\/(e2e|long)\//.test(file));
const counts: Count[] = [];
for (const script of ['lint', 'types', 'structure', 'unused', 'generated']) counts.push(await check(script));
counts.push(await check('package', [process.execPath, 'test/package.ts']));
counts.push(await tap(unitFiles, 2, 900));
await tellRoom();
if (!wanted.has('--quick')) counts.push(await endToEnd());
await tellRoom();
if (wanted.has('--long')) counts.push(await long());
await end(counts);
