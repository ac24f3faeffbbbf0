/** All that Debian's signed indexes tell of an installed system. */
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { openBlobs } from '../../../origin/blobs.ts';
import type { KnownUpdates, Support, UpdateFolders, UpdateWish } from '../../../vulns/updates.ts';
import type { Updates } from '../../distribution.ts';
import type { AptContext } from '../archive/apt.ts';
import { type ArchiveIndexes, readArchive } from './archive-indexes.ts';
import { filesOfDeb } from './deb-files.ts';
import { namedByUpdates } from './named-cves.ts';
import { pendingUpdates, thirdPartyOf } from './pending.ts';
import { parseEnded, parseLimited, parseRelease } from './support.ts';

const debianUpdates = async (
  installed: readonly InstalledPackage[],
  wish: UpdateWish,
  folders: UpdateFolders,
  context: AptContext,
): Promise<KnownUpdates> => {
  await using work = await temporaryFolder('ingot-updates-');
  const place = { installed, work: work.path, state: folders.state, store: openBlobs(folders.packages) };
  const indexes = await readArchive(wish, place, context);
  const updates = pendingUpdates(installed, indexes.packages);
  return {
    suites: indexes.suites,
    updates,
    changelogs: await namedByUpdates(updates, indexes, work.path, context),
    support: await supportOf(indexes, work.path, context),
    thirdParty: thirdPartyOf(installed, indexes.packages),
    ...(indexes.kept === undefined ? {} : { kept: indexes.kept }),
  };
};

export const UPDATES: Updates = {
  isThis: (release) => release.get('ID') === 'debian',
  known: debianUpdates,
};

const SECURITY_SUPPORT = 'debian-security-support';
const DISTRO_INFO = 'distro-info-data';

/** As far as the packages that say it are in the archive, and at hand. */
const supportOf = async (
  { release, packages, fetched }: ArchiveIndexes,
  work: string,
  { signal }: AptContext,
): Promise<Support | undefined> => {
  const { number, codename } = release;
  const texts = new Map<string, string>();
  const wanted = [
    `usr/share/debian-security-support/security-support-ended.deb${number}`,
    'usr/share/debian-security-support/security-support-limited',
    'usr/share/distro-info/debian.csv',
  ];
  for (const name of [SECURITY_SUPPORT, DISTRO_INFO]) {
    const entry = packages.find(name).at(-1);
    const deb = entry && (await fetched(entry));
    if (deb === undefined) continue;
    for (const [path, file] of await filesOfDeb(deb, (one) => wanted.includes(one), work, signal))
      if ('content' in file) texts.set(path, file.content.toString('utf8'));
  }
  if (texts.size === 0) return undefined;
  const [ended = '', limited = '', csv = ''] = wanted.map((path) => texts.get(path));
  const ends = parseRelease(csv, codename);
  return { ended: parseEnded(ended), limited: parseLimited(limited), ...(ends ? { release: ends } : {}) };
};
