/** What is asked about: a disk image, a bill of materials, or the package database alone. */
import { readFile, stat } from 'node:fs/promises';
import { parseDpkgStatus } from '../../distributions/debian/system/dpkg-packages.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError } from '../../errors.ts';
import { parseApkInstalled } from '../../formats/apk-installed.ts';
import { firstBytes } from '../../host/files.ts';
import { ownersIn } from '../../inspect/owners.ts';
import { CODENAMES, readBill } from '../../vulns/bill.ts';
import { type Inventory, type SystemId, schemeOf, withEpochOf } from '../../vulns/inventory.ts';
import { type LanguagePackage, languagePackages } from '../../vulns/language-packages.ts';

export interface VulnSubject {
  readonly inventory: Inventory;
  readonly osRelease: ReadonlyMap<string, string>;
  /** Of its own package sources, beside what every system has. */
  readonly components: readonly string[];
  readonly suites: readonly string[];
  readonly notScanned: readonly LanguagePackage[];
}

const MOST_TEXT = 256 * 2 ** 20;

/** Throws what `openSubject` throws, `vulns.bill-invalid`, or `usage.os` for a status file of an unnamed system. */
export const readSubject = async (path: string, os: string | undefined, signal: AbortSignal): Promise<VulnSubject> => {
  const head = (await firstBytes(path, 512)).toString('latin1');
  const isText = (await stat(path)).size < MOST_TEXT;
  if (isText && /^\s*\{/.test(head)) return ofBill(path, os);
  if (isText && /^(Package|P|C): ?\S/.test(head.replaceAll('C:Q1', 'C: Q1')))
    return ofDatabase(path, os, head.startsWith('Package'));
  return ofImage(path, signal);
};

const ofBill = async (path: string, os: string | undefined): Promise<VulnSubject> => {
  const bill = readBill(await readFile(path, 'utf8'), path);
  const system = os === undefined ? bill.system : namedSystem(os);
  const osRelease = osReleaseOf(system);
  const { packages, notScanned } = bill;
  return {
    inventory: { subject: path, system, scheme: schemeOf(system.id), packages },
    osRelease,
    components: [],
    suites: [],
    notScanned,
  };
};

const ofDatabase = async (path: string, os: string | undefined, isDpkg: boolean): Promise<VulnSubject> => {
  if (os === undefined)
    throw new IngotError('usage.os', 'a package database does not say of which system it is', {
      where: path,
      hint: 'Name it: --os debian:12.',
    });
  const system = namedSystem(os);
  const text = await readFile(path, 'utf8');
  const found = isDpkg ? parseDpkgStatus(text) : parseApkInstalled(text);
  const packages = found.map((one) => ({ ...one, origin: 'unknown' as const }));
  const inventory = { subject: path, system, scheme: schemeOf(system.id), packages };
  return { inventory, osRelease: osReleaseOf(system), components: [], suites: [], notScanned: [] };
};

const ofImage = async (path: string, signal: AbortSignal): Promise<VulnSubject> => {
  await using subject = await openSubject(path, signal);
  const { osRelease, database, tree, files } = subject;
  const system = systemOf(osRelease);
  const apk = database === undefined ? await files.text('/lib/apk/db/installed') : undefined;
  const installed = database?.packages ?? (apk === undefined ? [] : parseApkInstalled(apk));
  const owners = database && ownersIn(tree, database);
  const packages = installed.map(({ name, version, architecture, source, sourceVersion }) => ({
    name,
    version,
    architecture,
    source,
    sourceVersion: schemeOf(system.id) === 'rpm' ? withEpochOf(version, sourceVersion) : sourceVersion,
    origin: 'unknown' as const,
  }));
  const sources = (database?.sources ?? []).filter(({ types }) => types.includes('deb'));
  const codename = system.codename ?? '';
  return {
    inventory: { subject: path, system, scheme: schemeOf(system.id), packages },
    osRelease,
    components: COMPONENTS.filter((name) => sources.some((source) => source.components.includes(name))),
    suites: [...new Set(sources.flatMap((source) => source.suites))].filter(
      (suite) => suite === `${codename}-backports`,
    ),
    notScanned: languagePackages(tree.keys(), (one) => (owners?.of(one).length ?? 0) > 0),
  };
};

/** Debian's own beside `main`; other words of a source are of other archives. */
const COMPONENTS = ['contrib', 'non-free', 'non-free-firmware'];

const systemOf = (release: ReadonlyMap<string, string>): SystemId => ({
  id: release.get('ID')?.toLowerCase() ?? 'unknown',
  version: release.get('VERSION_ID') ?? '',
  codename: release.get('VERSION_CODENAME'),
  cpe: release.get('CPE_NAME'),
  prettyName: release.get('PRETTY_NAME'),
});

/** `debian:12` */
const namedSystem = (text: string): SystemId => {
  const [, id, version] = /^([a-z][a-z0-9_-]*):([\w.]+)$/i.exec(text) ?? [];
  if (id === undefined || version === undefined)
    throw new IngotError('usage.os', `"${text}" names no release`, {
      hint: 'Write it as ID:VERSION, as os-release has them: debian:12.',
    });
  const codename = id === 'debian' && Object.hasOwn(CODENAMES, version) ? CODENAMES[version] : undefined;
  return { id: id.toLowerCase(), version, codename };
};

const osReleaseOf = ({ id, version }: SystemId): ReadonlyMap<string, string> =>
  new Map([
    ['ID', id],
    ['VERSION_ID', version],
  ]);
