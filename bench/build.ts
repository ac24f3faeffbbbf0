/**
 * Measures whole builds, phase by phase: a cold one into an empty store, then an unchanged one.
 *
 *     node bench/build.ts [recipe] [--runs N] [--var name=value]… [--write]
 *     node bench/build.ts --events RUN/events.ndjson… [--write]     builds that have already run
 *
 * Times come from the build's own events (`--json`).
 * `--write` puts the table into docs/performance.md.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { phaseTimes, WHOLE_BUILD } from './lib/phase-times.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1' },
    var: { type: 'string', multiple: true, default: [] },
    events: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const recipe = positionals[0] ?? join(root, 'examples', 'debian-12-minimal.yaml');

/** Seconds by name; a phase is `stage/phase`. */
type Times = ReadonlyMap<string, number>;

const build = async (store: string, out: string): Promise<Times> => {
  const started = performance.now();
  const variables = values.var.flatMap((text) => ['--var', text]);
  const args = ['build', recipe, '--json', '--store', store, '--out', out, ...variables];
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  const lines = await Array.fromAsync(createInterface({ input: child.stdout }));
  const code = await ended;
  if (code !== 0) throw new Error(`the build ended with ${code}`);
  // With the time to start and to end.
  return phaseTimes(lines).set(WHOLE_BUILD, (performance.now() - started) / 1000);
};

/** The same from the event log of a finished build. */
const timesOf = async (path: string): Promise<Times> => {
  const times = phaseTimes((await readFile(path, 'utf8')).split('\n'));
  if (!times.has(WHOLE_BUILD)) throw new Error(`${path} is not the log of a build that was done`);
  return times;
};

const median = (numbers: readonly number[]): number => {
  const ordered = numbers.toSorted((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)] ?? Number.NaN;
};

const table = (runs: readonly Times[]): string[] => {
  const names = [...new Set(runs.flatMap((run) => [...run.keys()]))];
  return names.map((name) => {
    const figures = runs.map((run) => run.get(name)).filter((figure) => figure !== undefined);
    const range = figures.length > 1 ? `${Math.min(...figures).toFixed(1)}–${Math.max(...figures).toFixed(1)}` : '';
    return `| ${name} | ${median(figures).toFixed(1)} | ${range} |`;
  });
};

const cold: Times[] = [];
const unchanged: Times[] = [];
for (const path of values.events) {
  const times = await timesOf(path);
  (times.has('install') ? cold : unchanged).push(times);
}
for (let run = 0; values.events.length === 0 && run < Number(values.runs); run++) {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-bench-'));
  try {
    cold.push(await build(join(folder, 'store'), join(folder, 'out')));
    unchanged.push(await build(join(folder, 'store'), join(folder, 'out')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const head = ['| | seconds (median) | range |', '|---|---|---|'];
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release().split('.', 2).join('.')}, Node ${process.version}`;
const report = [
  `Cold build of \`${recipe.slice(root.length + 1)}\`, ${cold.length} run(s), ${new Date().toISOString().slice(0, 10)}, ${machine}.`,
  '',
  ...head,
  ...table(cold),
  '',
  ...(unchanged.length === 0
    ? []
    : ['Unchanged build:', '', ...head, ...table(unchanged).filter((row) => row.startsWith(`| ${WHOLE_BUILD}`)), '']),
].join('\n');
process.stdout.write(report);

if (values.write) {
  const path = join(root, 'docs', 'performance.md');
  const begin = '<!-- bench/build.ts -->';
  const end = '<!-- end -->';
  const text = await readFile(path, 'utf8').catch(() => `# Performance\n\n${begin}\n${end}\n`);
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  const after = text.slice(text.indexOf(end));
  await writeFile(path, `${before}\n${report}${after}`);
}
