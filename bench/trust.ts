/**
 * Measures how long it takes to hold every file of an image against signed packages, first with packages to take apart, then again,
 * and how much memory that needs.
 *
 *     node --max-semi-space-size=1 bench/trust.ts IMAGE --packages FOLDER [--keyring FILE]
 *
 * With the environment of bin/ingot (`MALLOC_…`), which is part of the measure. IMAGE is that of a build. FOLDER has the .debs, Packages and
 * InRelease files; apt's own lists and archives will do.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TRUST } from '../src/distributions/debian/trust/trust-of.ts';
import { openSubject } from '../src/distributions/open-subject.ts';
import { temporaryFolder } from '../src/host/files.ts';
import { summary } from '../src/trust/report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { packages: { type: 'string' }, keyring: { type: 'string' } },
});
const [image] = positionals;
if (image === undefined || values.packages === undefined) throw new Error('name an image, and --packages FOLDER');
await using work = await temporaryFolder('ingot-bench-');
const kept = join(work.path, 'kept');
const keys = values.keyring === undefined ? undefined : [values.keyring];
for (const title of ['packages to take apart', 'again']) {
  const started = performance.now();
  await using subject = await openSubject(image, new AbortController().signal);
  const { classification } = await TRUST.check(subject, { folder: values.packages, keys, kept });
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const cpu = ((userCPUTime + systemCPUTime) / 1e6).toFixed(1);
  console.log(`${title}: ${seconds} s; so far ${cpu} s of this process, at most ${Math.round(maxRSS / 1024)} MiB`);
  console.log(`  ${summary(classification)}`);
}
