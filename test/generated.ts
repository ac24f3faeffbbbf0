/**
 * The files that are written by the code itself: each as it is committed against what the code says now. With `--write`
 * they are written anew. The comparison names the first line that differs, not the whole file.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cliReference } from './cli-reference.ts';
import { egressCatalogue } from './egress-catalogue.ts';
import { errorSites } from './errors/error-sites.ts';
import { errorsPage } from './errors/page.ts';
import { brokenLinks } from './links.ts';

const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const ingot = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], { maxBuffer: 2 ** 26 })).stdout;

const FILES: readonly { readonly path: string; readonly text: () => Promise<string> }[] = [
  { path: 'recipe.schema.json', text: () => ingot('schema') },
  { path: 'policy.schema.json', text: () => ingot('policy', 'schema') },
  { path: 'docs/cli.md', text: cliReference },
  { path: 'docs/lint.md', text: () => ingot('lint', '--rules') },
  { path: 'docs/egress-catalogue.md', text: async () => egressCatalogue() },
  { path: 'docs/errors.md', text: async () => errorsPage(await errorSites(root)) },
];

const write = process.argv.includes('--write');
for (const { path, text } of FILES) {
  const [now, committed] = [await text(), await readFile(join(root, path), 'utf8').catch(() => '')];
  if (now === committed) continue;
  if (write) {
    await writeFile(join(root, path), now);
    console.log(`${path}: written`);
    continue;
  }
  const [lines, old] = [now.split('\n'), committed.split('\n')];
  const at = lines.findIndex((line, index) => line !== old[index]);
  console.error(`${path}:${at + 1}: is ${JSON.stringify(old[at])}, the code writes ${JSON.stringify(lines[at])}`);
  console.error('Next: npm run generate');
  process.exitCode = 1;
}

for (const problem of await brokenLinks(root)) {
  console.error(problem);
  process.exitCode = 1;
}
