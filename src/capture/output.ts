/**
 * The output folder `out/<name>/`: everything is gathered in a hidden folder next to it, synced, and takes its place by
 * one rename. What lay there before is kept until the new one is in place.
 */
import { type FileHandle, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { IngotError, retold } from '../errors.ts';
import { type FileRef, fileRef, requireSpace, syncPath, temporaryFolder } from '../host/files.ts';
import { isStillAt } from '../host/flock.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { acquireLock } from '../host/lock.ts';
import { emptyFolder, openFolder } from '../host/remove-tree.ts';

/** Held with `await using`, so write `return await output.publish()`: without `await` the folder is gone before it is in place. */
export interface Output extends AsyncDisposable {
  /** Where the files are gathered, and where they will be. */
  readonly folder: string;
  readonly final: string;
  /**
   * Puts the folder in its place, with SHA256SUMS of what is in it; returns the final path. `known` are files of the
   * folder whose digest has been taken already; `sign` runs when the sums stand.
   */
  publish(known?: readonly FileRef[], sign?: () => Promise<void>): Promise<string>;
}

export interface OutputOptions {
  /** `out`; made when it is not there. */
  readonly parent: string;
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes the output folder for this build; throws `capture.output-busy` when another build has it, or
 * `capture.output-foreign` when something that no build has made is in its place.
 */
export const openOutput = async ({ parent, name, signal }: OutputOptions): Promise<Output> => {
  const final = join(parent, name);
  const aside = join(parent, `.${name}.previous`);
  const madeParent = await makeFolders(parent).catch((cause: unknown) => {
    throw new IngotError('capture.output-not-writable', 'the output folder cannot be made', {
      where: parent,
      hint: ELSEWHERE,
      cause,
    });
  });
  const leave = async () => {
    // A folder that was made for an output that failed is removed; with something in it, it stays.
    if (madeParent !== undefined) await rmdir(parent).catch(() => undefined);
  };
  await requireOwn(final);
  await requireSpace(parent, SMALLEST_IMAGE, 'the image');
  const lock = await takeLock(join(parent, `.${name}.lock`), final, signal);
  try {
    await tidy(final, aside);
    const made = await temporaryFolder(newPrefix(name), parent);
    const folder = made.path;
    return {
      folder,
      final,
      async publish(known = [], sign) {
        await writeSums(folder, known);
        await sign?.();
        await made.handle.chmod(0o755);
        await syncTree(folder);
        // What is not a folder of ours, such as a link of the user's, is not emptied.
        await using earlier = await openFolder(final).catch(() => undefined);
        if (await isThere(final)) await rename(final, aside);
        await rename(folder, final);
        await syncPath(parent);
        await removeAside(aside, earlier);
        return final;
      },
      async [Symbol.asyncDispose]() {
        await made[Symbol.asyncDispose]();
        await lock[Symbol.asyncDispose]();
        await leave();
      },
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    await leave();
    throw error;
  }
};

/** Throws `usage.output-is-folder` where a single file is to be written. */
export const requireFile = async (path: string): Promise<void> => {
  const found = await ifThere(stat(path));
  if (!found?.isDirectory()) return;
  throw new IngotError('usage.output-is-folder', 'this is a folder, but a file must be written here', {
    where: path,
    hint: `Name the file: ${join(path, 'install.iso')}`,
  });
};

/** Less than any image takes, bytes. */
const SMALLEST_IMAGE = 128 * 2 ** 20;

const takeLock = async (path: string, final: string, signal: AbortSignal | undefined): Promise<AsyncDisposable> => {
  try {
    return await acquireLock(path, {
      isTemporary: true,
      purpose: `the output folder ${final}`,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof IngotError && /^host\.(read-only|not-allowed)$/.test(error.code))
      throw new IngotError('capture.output-not-writable', `the output folder cannot be written: ${error.message}`, {
        where: dirname(path),
        hint: ELSEWHERE,
        cause: error,
      });
    if (!(error instanceof IngotError) || error.code !== 'host.busy') throw error;
    throw retold(error, { code: 'capture.output-busy', where: final });
  }
};

const ELSEWHERE = 'Choose another one with --out, or correct its permissions.';

/** Of the hidden folder in which an output is gathered. */
const newPrefix = (name: string): string => `.${name}.new-`;

/**
 * Cleans up after a killed build: an output that was being replaced comes back, or goes. Half a new one
 * goes when the next is begun.
 */
const tidy = async (final: string, aside: string): Promise<void> => {
  const left = await openFolder(aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw foreign(aside);
  });
  if (!left) return;
  await using handle = left;
  if ((await handle.stat()).uid !== process.getuid?.()) throw foreign(aside);
  if (await isThere(final)) await removeAside(aside, handle);
  else await rename(aside, final);
};

/** Removes only the output that was there before; of a link of the user's that led to it, only the link. */
const removeAside = async (aside: string, earlier: FileHandle | undefined): Promise<void> => {
  if (!earlier) return await rm(aside, { force: true });
  if (!(await isStillAt(aside, earlier))) return;
  await emptyFolder(earlier);
  await rmdir(aside);
};

/** A folder of the user's that happens to have this name is not replaced. */
const requireOwn = async (final: string): Promise<void> => {
  if (!(await isThere(final))) return;
  const names = await ifThere(readdir(final));
  if (names !== undefined && (names.length === 0 || names.includes('manifest.json'))) return;
  throw foreign(final);
};

const foreign = (where: string): IngotError =>
  new IngotError('capture.output-foreign', 'the output folder holds something that is not an image of Ingot', {
    where,
    hint: 'Move it away, or choose another output folder.',
  });

/** Lines as sha256sum(1) writes and checks them, sorted by name. */
const writeSums = async (folder: string, known: readonly FileRef[]): Promise<void> => {
  const names = (await filesBelow(folder)).filter((name) => name !== 'SHA256SUMS').sort();
  const lines: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const { sha256 } = known.find((one) => one.path === path) ?? (await fileRef(path));
    lines.push(`${sha256}  ${name}\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
};

const filesBelow = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { withFileTypes: true, recursive: true }))
    .filter((item) => !item.isDirectory())
    .map((item) => relative(folder, join(item.parentPath, item.name)));

/** Files first, then the folders that name them. */
const syncTree = async (folder: string): Promise<void> => {
  const items = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = items.filter((item) => !item.isDirectory());
  for (const item of [...files, ...items.filter((one) => one.isDirectory())])
    await syncPath(join(item.parentPath, item.name));
  await syncPath(folder);
};
