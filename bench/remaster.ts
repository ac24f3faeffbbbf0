/**
 * A remaster against the floor: copying the ISO with cp(1), and against unpacking and rebuilding it with xorriso.
 *
 *     node bench/remaster.ts [--work DIR] [--runs N] [--size MB]… [--large] [--write]
 *
 * The media are the ones of the tests (Debian's layout; Red Hat's with isomd5) filled up with data that does not
 * compress. Cold means that the page cache was dropped before, which takes root; without it those columns are empty.
 * All is on the file system of DIR. `--write` puts the table into docs/performance.md.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { canDropCaches, type Measured, measure, sharesBlocks } from './remaster/measure.ts';
import { type MediumKind, makeMedium } from './remaster/media.ts';

const { values } = parseArgs({
  options: {
    work: { type: 'string', default: 'remaster-bench' },
    runs: { type: 'string', default: '3' },
    size: { type: 'string', multiple: true, default: ['250', '1000'] },
    large: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const work = resolve(values.work);
const runs = Number(values.runs);
const sizes = [...values.size.map(Number), ...(values.large ? [4000] : [])];
const KINDS: readonly MediumKind[] = ['md5sum.txt', 'isomd5'];
const WAYS = ['cp', 'cp and md5sum', 'remaster', 'unpack and rebuild'] as const;

const remasterProgram = join(import.meta.dirname, 'remaster', 'one.ts');

const MALLOC = ['MALLOC_ARENA_MAX=1', 'MALLOC_TRIM_THRESHOLD_=65536', 'MALLOC_MMAP_THRESHOLD_=131072'];
const CACHE = `NODE_COMPILE_CACHE=${join(work, 'node')}`;
const AS_BIN_INGOT = ['env', CACHE, ...MALLOC, process.execPath, '--max-semi-space-size=1'];

/** Command lines; each makes `out` anew, and `tree` where it needs one. */
const commandOf = (way: (typeof WAYS)[number], iso: string, out: string, tree: string): string[] => {
  const sh = (script: string): string[] => ['sh', '-ec', script, 'sh', iso, out, tree];
  switch (way) {
    case 'cp':
      return ['cp', '--reflink=never', iso, out];
    case 'cp and md5sum':
      return sh('cp --reflink=never "$1" "$2"; md5sum "$2" > /dev/null');
    case 'remaster':
      return [...AS_BIN_INGOT, remasterProgram, iso, out];
    case 'unpack and rebuild':
      return sh(`xorriso -no_rc -osirrox on -indev "$1" -extract / "$3" 2> /dev/null
xorriso -no_rc -as mkisofs -quiet -r -o "$2" "$3" 2> /dev/null`);
  }
};

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const seconds = (all: readonly Measured[]): string =>
  all.length === 0 ? '' : median(all.map((one) => one.seconds)).toFixed(2);

const rows: string[] = [];
const drops = await canDropCaches();
await mkdir(work, { recursive: true });
const shares = await sharesBlocks(work);
for (const size of sizes)
  for (const kind of KINDS) {
    const iso = await makeMedium(work, kind, size * 1_000_000);
    for (const way of WAYS) {
      const taken: { cold: Measured[]; warm: Measured[] } = { cold: [], warm: [] };
      for (let number = 0; number < runs; number++)
        for (const cache of drops ? (['cold', 'warm'] as const) : (['warm'] as const)) {
          console.error(`${size} MB, ${kind}, ${way}, ${cache}, run ${number + 1}`);
          const [out, tree] = [join(work, 'out.iso'), join(work, 'tree')];
          taken[cache].push(await measure(commandOf(way, iso, out, tree), { cache, iso }));
          await rm(out);
          await rm(tree, { recursive: true, force: true });
        }
      const memory = Math.max(...[...taken.cold, ...taken.warm].map((one) => one.memory)) / 2 ** 20;
      rows.push(
        `| ${size} MB | ${kind} | ${way} | ${seconds(taken.cold)} | ${seconds(taken.warm)} | ${memory.toFixed(0)} |`,
      );
    }
    await rm(iso);
  }

const table = [
  `${runs} run(s) each, median, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}.`,
  `The file system ${shares ? 'can share blocks (reflink): cp was told not to' : 'cannot share blocks (no reflink)'}.`,
  ...(drops ? [] : ['The page cache could not be dropped: nothing was measured cold.']),
  '',
  '| size | checks on the medium | | cold, s | warm, s | memory, MiB |',
  '|---|---|---|---|---|---|',
  ...rows,
].join('\n');
process.stdout.write(`${table}\n`);
if (values.write) {
  const file = join(import.meta.dirname, '..', 'docs', 'performance.md');
  const mark = '<!-- bench/remaster.ts -->';
  const [before, , after] = (await readFile(file, 'utf8')).split(mark);
  if (before === undefined || after === undefined) throw new Error(`${file} has no two marks ${mark}`);
  await writeFile(file, `${before}${mark}\n${table}\n${mark}${after}`);
}
