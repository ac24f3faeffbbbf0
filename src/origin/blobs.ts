/** Files by their SHA-256: what was checked once is stored once, and later builds link it instead of fetching it. */
import { copyFile, link, lstat, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { sha256File, syncPath, temporaryName } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere } from '../host/if-there.ts';

/** What a file must be. `size` in bytes, `sha256` in lower-case hex. */
export interface BlobIdentity {
  readonly size: number;
  readonly sha256: string;
}

/**
 * Throws `origin.digest-mismatch` unless the file is what it has to be, `origin.not-in-store` when there is none.
 * `name` is how the error calls it.
 */
export const checkIdentity = async (
  path: string,
  expected: BlobIdentity,
  name: string,
  signal?: AbortSignal,
): Promise<void> => {
  const there = await ifThere(stat(path));
  if (there === undefined)
    throw new IngotError('origin.not-in-store', `${name} is not in the package store any more`, {
      where: path,
      hint: 'Resolve and fetch again with --refresh.',
    });
  const { size } = there;
  const found = size === expected.size ? await sha256File(path, signal) : undefined;
  if (found === expected.sha256) return;
  throw new IngotError('origin.digest-mismatch', `${name} is not what was signed`, {
    where: path,
    detail: `expected ${expected.sha256}, ${expected.size} bytes\nfound    ${found ?? '(another size)'}, ${size} bytes`,
    hint: 'The mirror or a proxy gave a wrong file, or it was changed on this host. Try another mirror.',
  });
};

/**
 * Hard link where the file system can, a copy elsewhere. The result shares its bytes: never write into it. What is a
 * symbolic link itself is copied: it points to a file that is not ours and may change.
 */
export const linkOrCopy = async (from: string, to: string): Promise<void> => {
  await makeFolders(dirname(to));
  if ((await lstat(from)).isSymbolicLink()) return copyFile(from, to);
  await link(from, to).catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'EXDEV' && error.code !== 'EPERM' && error.code !== 'EMLINK') throw error;
    await copyFile(from, to);
  });
};

export interface BlobStore {
  readonly folder: string;
  path(identity: BlobIdentity): string;
  has(identity: BlobIdentity): Promise<boolean>;
  /** Checks a file and moves it in; a file that is not what it has to be is removed. */
  take(path: string, identity: BlobIdentity, name: string): Promise<string>;
  /** Checks a file and keeps a copy of it. */
  keep(path: string, identity: BlobIdentity, name: string): Promise<string>;
  /** The path of a file, checked again; a damaged one is removed from the store. */
  checked(identity: BlobIdentity, name: string): Promise<string>;
  /** Puts the file at `to` after checking it again; a damaged one is removed from the store. */
  place(identity: BlobIdentity, to: string, name: string): Promise<void>;
}

/** `folder/ab/abcdef…`; made when the first file comes. */
export const openBlobs = (folder: string): BlobStore => {
  const path = ({ sha256 }: BlobIdentity) => join(folder, sha256.slice(0, 2), sha256);
  const checkOrRemove = async (file: string, identity: BlobIdentity, name: string) => {
    try {
      await checkIdentity(file, identity, name);
    } catch (error) {
      // One that cannot be read may be whole.
      if (error instanceof IngotError && error.code === 'origin.digest-mismatch') await rm(file, { force: true });
      throw error;
    }
  };
  const checked = async (identity: BlobIdentity, name: string) => {
    await checkOrRemove(path(identity), identity, name);
    return path(identity);
  };
  const take = async (file: string, identity: BlobIdentity, name: string) => {
    const final = path(identity);
    await makeFolders(dirname(final));
    const ours = temporaryName(final);
    // apt gives a symbolic link for what comes from a mirror on this host.
    await linkOrCopy(file, ours);
    await rm(file);
    await checkOrRemove(ours, identity, name);
    await syncPath(ours);
    await rename(ours, final);
    await rm(ours, { force: true });
    return final;
  };
  return {
    folder,
    path,
    take,
    async has(identity) {
      const found = await ifThere(stat(path(identity)));
      return found?.size === identity.size;
    },
    async keep(file, identity, name) {
      const final = path(identity);
      await makeFolders(dirname(final));
      const copy = temporaryName(final);
      await copyFile(file, copy);
      return take(copy, identity, name);
    },
    checked,
    async place(identity, to, name) {
      await linkOrCopy(await checked(identity, name), to);
    },
  };
};
