/**
 * How long feeds of 200 MB take to read, and how much memory: `node bench/vulns.ts [FOLDER]`. The feeds are made up, in the shapes and
 * proportions of real ones: the tracker's JSON (90 MB), an OSV dump (70 MB unpacked), OVAL (40 MB), 330,000 scores of EPSS; 300 packages are
 * installed.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileRef, temporaryFolder } from '../src/host/files.ts';
import { readFeeds } from '../src/vulns/feeds/read.ts';
import { type Inventory, schemeOf } from '../src/vulns/inventory.ts';
import { matchStatements } from '../src/vulns/match.ts';
import { epss, osv, osvZip, oval } from '../test/vulns/records.ts';

const SOURCES = 4000;
const INSTALLED = 300;
const WORDS =
  'A flaw was found in the handling of certain packets, which allows a remote attacker to cause a denial of service. '.repeat(
    2,
  );

const release = (nth: number) => ({
  repositories: { bookworm: '1.0-1', 'bookworm-security': '1.0-1+deb12u1' },
  ...(nth % 3 === 0
    ? { status: 'open' }
    : { status: 'resolved', fixed_version: nth % 5 === 0 ? '0' : `1.${nth % 40}-1` }),
  urgency: ['low', 'medium', 'high', 'not yet assigned', 'unimportant'][nth % 5],
});

function* trackerText(): Generator<string> {
  yield '{';
  for (let source = 0; source < SOURCES; source++) {
    const cves = Array.from({ length: 22 }, (_, nth) => {
      const one = release(source + nth);
      return `"CVE-2026-${source * 22 + nth}": ${JSON.stringify({ description: WORDS, scope: 'remote', releases: { bookworm: one, trixie: one, sid: one, forky: one } })}`;
    });
    yield `${source === 0 ? '' : ', '}"source${source}": {${cves.join(', ')}}`;
  }
  yield '}';
}

const osvDump = (): Buffer =>
  osvZip(
    Array.from({ length: 35_000 }, (_, nth) =>
      osv(
        `DEBIAN-CVE-2026-${nth}`,
        `source${nth % SOURCES}`,
        [{ introduced: '0' }, { fixed: `1.${nth % 40}-1` }],
        {
          upstream: [`CVE-2026-${nth}`],
          details: WORDS,
        },
        { versions: Array.from({ length: 140 }, (_, at) => `1.${at % 40}-${at}`) },
      ),
    ),
  );

const ovalText = (): string =>
  oval(
    Array.from({ length: 45_000 }, (_, nth) => ({
      cve: `CVE-2026-${nth}`,
      packages: [`package${nth % SOURCES}`],
      fixed: `1.${nth % 40}-1`,
    })),
  );

const inventory = (id: string, version: string, codename: string): Inventory => ({
  subject: 'bench',
  system: { id, version, codename },
  scheme: schemeOf(id),
  packages: Array.from({ length: INSTALLED }, (_, nth) => ({
    name: `package${nth * 13}`,
    version: '1.20-1',
    architecture: 'amd64',
    source: `source${nth * 13}`,
    sourceVersion: '1.20-1',
    origin: 'vendor',
  })),
});

const makeFeeds = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await pipeline(Readable.from(trackerText()), createWriteStream(join(folder, 'tracker')));
  await writeFile(join(folder, 'osv'), osvDump());
  await writeFile(join(folder, 'oval'), ovalText());
  await writeFile(
    join(folder, 'epss'),
    epss(Array.from({ length: 330_000 }, (_, nth) => [`CVE-2026-${nth}`, '0.00042'])),
  );
  const feeds = [];
  for (const [kind, file] of [
    ['debian-tracker', 'tracker'],
    ['osv', 'osv'],
    ['ubuntu-oval', 'oval'],
    ['epss', 'epss'],
  ] as const) {
    const { size, sha256 } = await fileRef(join(folder, file));
    feeds.push({ kind, file, size, sha256, from: 'bench', fetched: new Date().toISOString() });
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify({ version: 1, feeds }));
};

if (process.argv[2] === 'read') {
  const [folder = '', system = 'debian'] = process.argv.slice(3);
  const installed = system === 'debian' ? inventory('debian', '12', 'bookworm') : inventory('ubuntu', '24.04', 'noble');
  const started = performance.now();
  const { facts, statements } = await readFeeds(folder, installed, { now: new Date(), maxAge: 7 });
  const read = performance.now();
  const findings = matchStatements(installed, statements);
  // Of this program alone: what getrusage(2) has is inherited from the one that has started it.
  const memory = Number(/^VmHWM:\s+(\d+)/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]) / 1024;
  const { user, system: kernel } = process.cpuUsage();
  console.log(
    `${system}: read in ${((read - started) / 1000).toFixed(2)} s, ${findings.length} findings in ${((performance.now() - read) / 1000).toFixed(2)} s, ${memory.toFixed(0)} MiB, ${((user + kernel) / 1e6).toFixed(2)} s of processor time in all`,
  );
  for (const { name, statements: count, unusable } of facts)
    console.log(`  ${name}: ${count} records ${unusable ?? ''}`);
} else {
  await using folder = await temporaryFolder('ingot-bench-', process.argv[2]);
  await makeFeeds(folder.path);
  const { run } = await import('../src/host/run.ts');
  await run('ls', ['-l', folder.path], { onLine: console.log });
  for (const system of ['debian', 'ubuntu'])
    await run(process.execPath, ['--max-semi-space-size=1', import.meta.filename, 'read', folder.path, system], {
      onLine: (line) => console.log(line),
    });
}
