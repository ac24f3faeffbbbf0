/** Opens an image to inspect it, with the package database of the family that its os-release names. */
import { readTree } from '../capture/file-tree.ts';
import type { GuestFiles } from '../capture/guest-files.ts';
import { openImage } from '../capture/open-image.ts';
import { IngotError } from '../errors.ts';
import type { Saving } from '../inspect/budget.ts';
import type { PackageDatabase } from '../inspect/package-database.ts';
import type { Subject } from '../inspect/subject.ts';
import { familyOf, osRelease } from './family-of.ts';
import { distributionOf } from './find.ts';

export interface OpenSubject extends Subject, AsyncDisposable {
  /** What strips would save in it; none where the family has none. */
  readonly savings: () => Promise<readonly Saving[]>;
}

/** Throws what `openImage` throws. */
export const openSubject = async (path: string, signal: AbortSignal): Promise<OpenSubject> => {
  await using opened = new AsyncDisposableStack();
  const { disk, files } = opened.use(await openImage(path, signal));
  const release = await osRelease(files);
  const family = familyOf(release);
  const image = family && (await distributionOf({ os: { family } })).image;
  const read = await image?.system?.();
  const found = read === undefined ? await rpmDatabaseIn(files) : await read.database(files);
  const database = typeof found === 'string' ? undefined : found;
  const tree = await readTree(files.mounts, signal);
  const kept = opened.move();
  const subject: Subject = {
    disk,
    files,
    tree,
    osRelease: release,
    database,
    ...(database ? {} : { noDatabase: typeof found === 'string' ? found : reasonFor(release, read !== undefined) }),
  };
  return {
    ...subject,
    savings: async () => (await (await image?.slim?.())?.savings(subject)) ?? [],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
};

/** In words why a damaged one cannot be read: the rest of the image can still be told. */
const rpmDatabaseIn = async (files: GuestFiles): Promise<PackageDatabase | string | undefined> => {
  const { readRpmDatabase } = await import('./rpm/database.ts');
  return await readRpmDatabase(files).catch((error: unknown) => {
    if (error instanceof IngotError && DAMAGED.includes(error.code)) return error.message;
    throw error;
  });
};

const DAMAGED = ['inspect.sqlite-damaged', 'inspect.ndb-damaged', 'inspect.berkeley-damaged', 'inspect.rpm-header'];

const reasonFor = (release: ReadonlyMap<string, string>, isRead: boolean): string => {
  const id = release.get('ID') ?? 'a system without an os-release';
  return isRead
    ? `${id}: there is no /var/lib/dpkg/status`
    : `the package database of ${id} is not read yet, only dpkg's and rpm's`;
};

/** For what cannot be known without packages. Throws `usage.no-packages`. */
export const requireDatabase = ({ database, noDatabase, disk }: Subject): PackageDatabase => {
  if (database) return database;
  throw new IngotError('usage.no-packages', 'the packages of this image cannot be read', {
    where: disk.image,
    detail: noDatabase,
    hint: '`ingot inspect` shows what can be seen without them.',
  });
};
