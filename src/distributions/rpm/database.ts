/**
 * rpm's database, read out of an image in each of its forms: SQLite (Fedora 33, RHEL 9 and later), ndb (openSUSE), Berkeley DB (RHEL 8 and
 * before). Who asked for a package stands in dnf's own history, which is not read.
 */
import type { GuestFiles } from '../../capture/guest-files.ts';
import { readBerkeleyHash } from '../../formats/databases/berkeley-hash.ts';
import { readNdb } from '../../formats/databases/rpm-ndb.ts';
import { openSqlite } from '../../formats/databases/sqlite.ts';
import type { PackageDatabase } from '../../inspect/package-database.ts';
import { GENERATED } from './generated.ts';
import { type RpmRecord, rpmRecord } from './rpm-package.ts';

interface RpmDatabase extends PackageDatabase {
  readonly packages: readonly RpmRecord[];
}

const FOLDERS = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'];

/** Not a package: the keys that rpm was told to trust. */
const KEYS = 'gpg-pubkey';

/** Undefined where there is none. Throws `inspect.` … `-damaged` and `inspect.rpm-header`. */
export const readRpmDatabase = async (files: GuestFiles): Promise<RpmDatabase | undefined> => {
  for (const folder of FOLDERS) {
    const sqlite = await files.read(`${folder}/rpmdb.sqlite`);
    if (sqlite !== undefined && sqlite.length > 0)
      return databaseOf(blobsIn(sqlite, await files.read(`${folder}/rpmdb.sqlite-wal`)));
    const ndb = await files.read(`${folder}/Packages.db`);
    if (ndb !== undefined && ndb.length > 0) return databaseOf(readNdb(ndb));
    const berkeley = await files.read(`${folder}/Packages`);
    // The first record counts the others, and is no package.
    if (berkeley !== undefined && berkeley.length > 0)
      return databaseOf(readBerkeleyHash(berkeley).flatMap(({ key, value }) => (isCounter(key) ? [] : [value])));
  }
  return undefined;
};

const isCounter = (key: Buffer): boolean => key.every((byte) => byte === 0);

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
