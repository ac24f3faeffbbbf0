/** Packages, unpacked: everything below one folder, the control files in DEBIAN/. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { run } from '../../src/host/run.ts';
import { Incomplete } from './incomplete.ts';
import { keep } from './made.ts';
import { candidates, fetchDebs, type Workshop } from './workshop.ts';

/** The folder of a package; kept, so nothing in it may be changed. `sha256` is the package's. */
export const unpacked = (
  { cache, signal }: { readonly cache: string; readonly signal?: AbortSignal | undefined },
  { file, sha256 }: { readonly file: string; readonly sha256: string },
): Promise<string> =>
  keep(cache, 'unpacked', sha256, async (folder) => {
    await run('dpkg-deb', ['--raw-extract', file, folder], { signal });
  });

/** The folder of an ordinary package, fetched where it has to be. */
export const unpackedDeb = async (workshop: Workshop, entry: PackageEntry): Promise<string> => {
  const { blobs, cache, context } = workshop;
  await fetchDebs(workshop, [entry]);
  return await unpacked({ cache, signal: context.signal }, { file: blobs.path(entry), sha256: entry.sha256 });
};

/** The same for what apt would install of that name. */
export const unpackedByName = async (workshop: Workshop, name: string): Promise<string> => {
  const [entry] = await candidates(workshop, [name]);
  if (entry === undefined) throw new Incomplete('a complete installer', [{ name, why: 'apt would not install it' }]);
  return await unpackedDeb(workshop, entry);
};

export interface TreeItem {
  /** Below the root, without a slash in front. */
  readonly path: string;
  readonly isLink: boolean;
}

/** Files and links below a folder, without the control files. */
export const filesOf = async (folder: string): Promise<TreeItem[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile() || item.isSymbolicLink())
    .map((item) => ({ path: join(item.parentPath, item.name).slice(folder.length + 1), isLink: item.isSymbolicLink() }))
    .filter(({ path }) => !path.startsWith('DEBIAN/'));

export const controlOf = (folder: string): Promise<string> => readFile(join(folder, 'DEBIAN/control'), 'utf8');

/** Runs over a list, a few at a time: most of the work is other processes'. */
export const inParallel = async <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: 3 }, worker));
  return results;
};
