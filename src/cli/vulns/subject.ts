/** What is asked about: a disk image, a bill of materials, or the package database alone. */
import { readFile, stat } from 'node:fs/promises';
import { parseDpkgStatus } from '../../distributions/debian/system/dpkg-packages.ts';
import { type FeedSubject, feedSubjectOf } from '../../distributions/feed-subject.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError } from '../../errors.ts';
import { parseApkInstalled } from '../../formats/packages/apk-installed.ts';
import { firstBytes } from '../../host/files.ts';
import { CODENAMES, readBill } from '../../vulns/bill.ts';
import { type SystemId, schemeOf } from '../../vulns/inventory.ts';

const MOST_TEXT = 256 * 2 ** 20;

/** Throws what `openSubject` throws, `vulns.bill-invalid`, or `usage.os` for a status file of an unnamed system. */
export const readSubject = async (path: string, os: string | undefined, signal: AbortSignal): Promise<FeedSubject> => {
  const head = (await firstBytes(path, 512)).toString('latin1');
  const isText = (await stat(path)).size < MOST_TEXT;
  if (isText && /^\s*\{/.test(head)) return ofBill(path, os);
  if (isText && /^(Package|P|C): ?\S/.test(head.replaceAll('C:Q1', 'C: Q1')))
    return ofDatabase(path, os, head.startsWith('Package'));
  return ofImage(path, signal);
};

const ofBill = async (path: string, os: string | undefined): Promise<FeedSubject> => {
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

const ofDatabase = async (path: string, os: string | undefined, isDpkg: boolean): Promise<FeedSubject> => {
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

const ofImage = async (path: string, signal: AbortSignal): Promise<FeedSubject> => {
  await using subject = await openSubject(path, signal);
  return await feedSubjectOf(subject, path);
};

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
