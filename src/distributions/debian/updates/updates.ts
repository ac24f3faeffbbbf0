/** All that Debian's signed indexes tell of an installed system. */
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { openBlobs } from '../../../origin/blobs.ts';
import type { KnownUpdates, Support, UpdateFolders, UpdateWish } from '../../../vulns/updates.ts';
import type { Updates } from '../../distribution.ts';
import type { AptContext } from '../archive/apt.ts';
import { fetchPackages, mirrorBases } from '../archive/fetch-packages.ts';
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
  const indexes = await readArchive(wish, { work: work.path, state: folders.state }, context);
  const updates = pendingUpdates(installed, indexes.packages);
  const store = openBlobs(folders.packages);
  const place = { store, work: work.path };
  return {
    suites: indexes.suites,
    updates,
    changelogs: await namedByUpdates(updates, indexes, place, context),
    support: await supportOf(indexes, place, context),
    thirdParty: thirdPartyOf(installed, indexes.packages),
  };
};

export const UPDATES: Updates = {
  isThis: (release) => release.get('ID') === 'debian',
  known: debianUpdates,
};

const SECURITY_SUPPORT = 'debian-security-support';
const DISTRO_INFO = 'distro-info-data';

/** As far as the archive has the packages that say it. */
const supportOf = async (
  { apt, packages }: ArchiveIndexes,
  { store, work }: { readonly store: ReturnType<typeof openBlobs>; readonly work: string },
  context: AptContext,
): Promise<Support | undefined> => {
  const { number, codename } = apt.release;
  const texts = new Map<string, string>();
  const wanted = [
    `usr/share/debian-security-support/security-support-ended.deb${number}`,
    'usr/share/debian-security-support/security-support-limited',
    'usr/share/distro-info/debian.csv',
  ];
  for (const name of [SECURITY_SUPPORT, DISTRO_INFO]) {
    const entry = packages.find(name).at(-1);
    if (entry === undefined) continue;
    await fetchPackages([entry], store, mirrorBases(apt), context);
    const deb = await store.checked(entry, entry.filename);
    for (const [path, file] of await filesOfDeb(deb, (one) => wanted.includes(one), work, context.signal))
      if ('content' in file) texts.set(path, file.content.toString('utf8'));
  }
  if (texts.size === 0) return undefined;
  const [ended = '', limited = '', csv = ''] = wanted.map((path) => texts.get(path));
  const release = parseRelease(csv, codename);
  return { ended: parseEnded(ended), limited: parseLimited(limited), ...(release ? { release } : {}) };
};
