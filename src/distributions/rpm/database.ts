/**
 * rpm's database, read out of an image: its form with SQLite (Fedora 33, RHEL 9 and later). The two older forms are not read: the one
 * with Berkeley DB (RHEL 8), and `ndb` (openSUSE). Who asked for a package stands in dnf's own history, which is not read either.
 */
import type { GuestFiles } from '../../capture/guest-files.ts';
import { openSqlite } from '../../formats/sqlite.ts';
import type { PackageDatabase } from '../../inspect/package-database.ts';
import { GENERATED } from './generated.ts';
import { type RpmRecord, rpmRecord } from './rpm-package.ts';

interface RpmDatabase extends PackageDatabase {
  readonly packages: readonly RpmRecord[];
}

const FOLDERS = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];
const UNREAD: Readonly<Record<string, string>> = {
  'Packages.db': 'rpm’s database is in the form ndb, which is not read; only SQLite’s is',
  Packages: 'rpm’s database is in the form of Berkeley DB, which is not read; only SQLite’s is',
};

/** Not a package: the keys that rpm was told to trust. */
const KEYS = 'gpg-pubkey';

/** In words why it is not read, where there is one; undefined where there is none. Throws what a damaged one throws. */
export const readRpmDatabase = async (files: GuestFiles): Promise<RpmDatabase | string | undefined> => {
  for (const folder of FOLDERS) {
    const file = await files.read(`${folder}/rpmdb.sqlite`);
    if (file !== undefined && file.length > 0) return read(file, await files.read(`${folder}/rpmdb.sqlite-wal`));
    for (const [name, why] of Object.entries(UNREAD))
      if ((await files.find(`${folder}/${name}`))?.entry.type === 'file') return why;
  }
  return undefined;
};

const read = (file: Buffer, wal: Buffer | undefined): RpmDatabase => {
  const packages: RpmRecord[] = [];
  for (const { values } of openSqlite(file, wal).rows('Packages') ?? []) {
    const blob = values[1];
    if (!Buffer.isBuffer(blob)) continue;
    // Everything counts as asked for: then nothing is said to be unneeded that may be needed.
    const record = rpmRecord(blob, true);
    if (record.name !== KEYS) packages.push(record);
  }
  packages.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return { kind: 'rpm', packages, sources: [], generated: GENERATED };
};

const keyOf = ({ name, version, architecture }: RpmRecord): string => `${name}\n${architecture}\n${version}`;
