/**
 * Takes a bundle: packages, ISOs and images go into the store by digest, the recipe and what it names into a folder of
 * its own. Each content is written under a temporary name and gets its own when its digest is right.
 */
import { chmod, copyFile, type FileHandle, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { requireSpace, temporaryName } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { linkOrCopy, openBlobs } from '../origin/blobs.ts';
import { moveFiles } from '../recipe/load/moved-files.ts';
import type { FrozenMirrors } from '../recipe/schema/lock-schema.ts';
import type { Reporter } from '../report.ts';
import type { BundledRecipe, BundleEntry, BundleIndex } from './bundle-index.ts';
import { unpackedFeeds } from './bundled-feeds.ts';
import { type Bundle, openBundle, type Sink } from './read-bundle.ts';

export interface TakeOptions {
  /** The store's folder for what is kept by digest. */
  readonly shared: (name: 'packages' | 'isos' | 'images') => string;
  /** For the recipes; the caller's own, on the store's file system. */
  readonly folder: string;
  /** Older bundles that may be needed, besides those that lie where it does. */
  readonly bases?: readonly string[];
  readonly reporter: Pick<Reporter, 'progress' | 'note'>;
  readonly signal?: AbortSignal | undefined;
}

export interface TakenBundle {
  readonly index: BundleIndex;
  /** The recipe, unpacked, and its lock. */
  readonly recipe: string;
  readonly lock: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Of each recipe, in the order of the index. */
  readonly mirrors: readonly (FrozenMirrors | undefined)[];
  /** A folder with feeds of vulnerabilities, where it brings some. */
  readonly feeds: string | undefined;
}

/** Throws what `openBundle` throws, `bundle.base-missing`, `bundle.base-differs`, and `host.no-space`. */
export const takeBundle = async (path: string, options: TakeOptions): Promise<TakenBundle> => {
  const { folder, reporter, signal } = options;
  await using bundle = await openBundle(path);
  const { index } = bundle;
  const targets = Map.groupBy(index.entries, ({ sha256 }) => sha256);
  const taken = new Set<string>();
  const total = index.entries.reduce((sum, { size }) => sum + size, 0);
  await makeFolders(options.shared('packages'));
  await requireSpace(folder, total, 'what is in the bundle');
  let done = 0;
  for await (const one of chain(bundle, options.bases ?? [])) {
    const begin = async (entry: BundleEntry): Promise<Sink | undefined> => {
      const wanted = targets.get(entry.sha256);
      if (wanted === undefined || taken.has(entry.sha256)) return undefined;
      if (wanted.some(({ size }) => size !== entry.size)) return undefined;
      return await sinkOf(wanted, options, () => {
        taken.add(entry.sha256);
        done += entry.size;
        reporter.progress(done, total, 'bytes');
      });
    };
    await one.read({ begin }, signal);
  }
  const missing = index.entries.filter(({ sha256 }) => !taken.has(sha256));
  if (missing.length > 0) throw baseLacks(missing, index, path);
  await finishTree(index, folder);
  return await takenOf(index, path, folder);
};

/** The bundle, and those that it is based on, the newest first. */
async function* chain(bundle: Bundle, bases: readonly string[]): AsyncGenerator<Bundle> {
  yield bundle;
  let [{ index, path }, length] = [bundle, 0];
  while (index.base !== undefined && length++ < MOST_BASES) {
    const { name, index: digest } = index.base;
    await using base = await baseNamed(name, digest, path, bases);
    yield base;
    ({ index, path } = base);
  }
}

const MOST_BASES = 100;

const baseNamed = async (name: string, digest: string, above: string, bases: readonly string[]): Promise<Bundle> => {
  const candidates = [...bases, join(dirname(above), name)];
  let other: string | undefined;
  for (const path of candidates) {
    if (!(await isThere(path))) continue;
    const found = await openBundle(path);
    if (found.indexDigest === digest) return found;
    await found[Symbol.asyncDispose]();
    other = path;
  }
  if (other !== undefined)
    throw new IngotError('bundle.base-differs', `the bundle is based on another ${name}`, {
      where: other,
      detail: `${basename(above)} needs the one whose index has the sha256 ${digest}`,
      hint: '`ingot bundle list` prints the digest of an index. Take the bundle that was named with --base at the export.',
    });
  throw new IngotError('bundle.base-missing', `the bundle needs ${name}, on which it is based`, {
    where: above,
    detail: `sha256 of its index: ${digest}`,
    hint: 'Put it beside this one, or name it with a second --bundle.',
  });
};

const baseLacks = (missing: readonly BundleEntry[], { base }: BundleIndex, where: string): IngotError =>
  new IngotError('bundle.base-differs', `${base?.name ?? 'the bundle'} does not have what this one needs of it`, {
    where,
    detail: missing.map(({ path, sha256 }) => `${path}  sha256 ${sha256}`).join('\n'),
    hint: 'Export it again, with the right --base.',
  });

/** Where a content belongs: into the store, below the folder, or both; each path once. */
const sinkOf = async (entries: readonly BundleEntry[], options: TakeOptions, onEnd: () => void): Promise<Sink> => {
  const stored = entries.map((entry) => storePlace(entry, options)).find((path) => path !== undefined);
  const unpacked = entries.filter(isUnpacked);
  const places = unpacked.map(({ path }) => join(options.folder, path));
  const first = stored ?? places[0];
  if (first === undefined)
    return { write: async () => {}, end: async () => onEnd(), [Symbol.asyncDispose]: async () => {} };
  await makeFolders(dirname(first));
  const temporary = temporaryName(first);
  const file: FileHandle = await open(temporary, 'wx', 0o600);
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at).catch(noSpace(first))).bytesWritten;
    },
    async end() {
      await file.sync();
      await chmod(temporary, stored === undefined ? 0o600 : 0o644);
      await rename(temporary, first);
      for (const { path, mode, what } of unpacked) {
        const place = join(options.folder, path);
        if (place !== first) {
          await makeFolders(dirname(place));
          // A large origin is one file for the store and the recipe; what has a mode of its own is not.
          await (what === 'iso' || what === 'image' ? linkOrCopy(first, place) : copyFile(first, place));
        }
        if (mode !== undefined) await chmod(place, mode);
      }
      onEnd();
    },
    async [Symbol.asyncDispose]() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
};

const noSpace =
  (where: string) =>
  (error: NodeJS.ErrnoException): never => {
    if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
    throw new IngotError('host.no-space', 'the store has no room for what is in the bundle', {
      where,
      hint: 'Free some space, or put the store elsewhere with --store.',
      cause: error,
    });
  };

/** The recipes, what they name, the keys and feeds; the rest is found in the store. */
const isUnpacked = ({ path }: BundleEntry): boolean => /^(recipe|keys|feeds)\//.test(path);

const storePlace = ({ what, size, sha256 }: BundleEntry, { shared }: TakeOptions): string | undefined => {
  switch (what) {
    case 'package':
    case 'index':
      return openBlobs(shared('packages')).path({ size, sha256 });
    case 'iso':
      return join(shared('isos'), `${sha256}.iso`);
    case 'image':
      return join(shared('images'), `${sha256}.image`);
    default:
      return undefined;
  }
};

/** Links come last: nothing is written through them. */
const finishTree = async ({ links, folders }: BundleIndex, folder: string): Promise<void> => {
  for (const { path, mode } of folders) {
    await makeFolders(join(folder, path));
    await chmod(join(folder, path), mode);
  }
  for (const { path, target } of links) {
    await makeFolders(dirname(join(folder, path)));
    await symlink(target, join(folder, path));
  }
};

const takenOf = async (index: BundleIndex, bundle: string, folder: string): Promise<TakenBundle> => {
  for (const one of index.recipes) {
    const here = join(folder, dirname(one.path));
    const moved = Object.entries(one.moved).map(([path, place]) => [path, join(folder, place)] as const);
    // Secrets lie beside the bundle as they lay beside the recipe.
    const secrets = one.secretFiles
      .filter((path) => !path.startsWith('/') && !path.startsWith('~/'))
      .map((path) => [path, join(dirname(bundle), path)] as const);
    moveFiles(here, new Map([...secrets, ...moved]));
  }
  const [first] = index.recipes;
  const recipe = join(folder, first?.path ?? '');
  if ((await ifThere(open(recipe).then((file) => file.close().then(() => true)))) !== true)
    throw new IngotError('bundle.bad-index', 'the bundle does not have the recipe that it names', {
      where: bundle,
      hint: 'Nothing can be built from it; get it again from where it was written.',
    });
  const mirrorsOf = ({ mirrors }: BundledRecipe): FrozenMirrors | undefined =>
    mirrors && { urls: mirrors.urls, keys: mirrors.keys.map((path) => join(folder, path)) };
  return {
    index,
    recipe,
    lock: `${recipe}.lock`,
    variables: first?.variables ?? {},
    mirrors: index.recipes.map(mirrorsOf),
    feeds: unpackedFeeds(index, folder),
  };
};
