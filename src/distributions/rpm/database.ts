/**
 * rpm's database, read out of an image: its forms with SQLite (Fedora 33, RHEL 9 and later) and ndb (openSUSE). The one of Berkeley DB
 * (RHEL 8) is not read. Who asked for a package stands in dnf's own history, which is not read either.
 */
import type { GuestFiles } from '../../capture/guest-files.ts';
import { readNdb } from '../../formats/rpm-ndb.ts';
import { openSqlite } from '../../formats/sqlite.ts';
import type { PackageDatabase } from '../../inspect/package-database.ts';
import { GENERATED } from './generated.ts';
import { type RpmRecord, rpmRecord } from './rpm-package.ts';

interface RpmDatabase extends PackageDatabase {
  readonly packages: readonly RpmRecord[];
}

const FOLDERS = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];
const BERKELEY = 'rpm’s database is in the form of Berkeley DB, which is not read; SQLite’s and ndb are';

/** Not a package: the keys that rpm was told to trust. */
const KEYS = 'gpg-pubkey';

/** In words why it is not read, where there is one; undefined where there is none. Throws what a damaged one throws. */
export const readRpmDatabase = async (files: GuestFiles): Promise<RpmDatabase | string | undefined> => {
  for (const folder of FOLDERS) {
    const sqlite = await files.read(`${folder}/rpmdb.sqlite`);
    if (sqlite !== undefined && sqlite.length > 0)
      return databaseOf(blobsIn(sqlite, await files.read(`${folder}/rpmdb.sqlite-wal`)));
    const ndb = await files.read(`${folder}/Packages.db`);
    if (ndb !== undefined && ndb.length > 0) return databaseOf(readNdb(ndb));
    if ((await files.find(`${folder}/Packages`))?.entry.type === 'file') return BERKELEY;
  }
  return undefined;
};

const blobsIn = (file: Buffer, wal: Buffer | undefined): Buffer[] =>
  [...(openSqlite(file, wal).rows('Packages') ?? [])].flatMap(({ values: [, blob] }) =>
    Buffer.isBuffer(blob) ? [blob] : [],
  );

/** Everything counts as asked for: then nothing is said to be unneeded that may be needed. */
const databaseOf = (blobs: readonly Buffer[]): RpmDatabase => ({
  kind: 'rpm',
  packages: blobs
    .map((blob) => rpmRecord(blob, true))
    .filter(({ name }) => name !== KEYS)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
  sources: [],
  generated: GENERATED,
});

const keyOf = ({ name, version, architecture }: RpmRecord): string => `${name}\n${architecture}\n${version}`;
