/** Brings the files of a lock into the package store: apt's helper fetches them, in one process, with the host's settings. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requireSpace, temporaryFolder } from '../../../host/files.ts';
import { makeFolders } from '../../../host/folders.ts';
import { isThere } from '../../../host/if-there.ts';
import { run } from '../../../host/run.ts';
import type { BlobIdentity, BlobStore } from '../../../origin/blobs.ts';
import { APT_HELPER, type AptContext, outputOf } from './apt.ts';
import { aptError } from './apt-error.ts';
import type { Mirrors } from './find-mirrors.ts';
import type { Release } from './releases.ts';

export interface Wanted extends BlobIdentity {
  readonly suite: string;
  readonly filename: string;
}

/** Files that a mirror does not have are told apart from a mirror that cannot be reached. */
export interface FetchResult<T extends Wanted> {
  readonly missing: readonly T[];
}

/** Base URL of the archive that has a file, without a slash at the end. */
export type BaseOf<T extends Wanted = Wanted> = (file: T) => string;

/** The mirrors of a Debian release, by suite. */
export const mirrorBases =
  ({ mirrors, release }: { readonly mirrors: Mirrors; readonly release: Release }): BaseOf =>
  ({ suite }) =>
    mirrors.urls[release.suites.find(({ name }) => name === suite)?.archive ?? 'mirror'];

/** The kernel limits the length of one argument list; 200 files stay far below. */
const BATCH = 200;

/**
 * Fetches what the store does not have, and checks every file against its digest before it takes it. A file that the
 * mirror does not have (404) is an error, or is returned in `missing` with `tolerateMissing`.
 */
export const fetchPackages = async <T extends Wanted>(
  wanted: readonly T[],
  store: BlobStore,
  baseOf: BaseOf<T>,
  context: AptContext & { readonly tolerateMissing?: boolean },
): Promise<FetchResult<T>> => {
  const absent: T[] = [];
  for (const file of unique(wanted)) if (!(await store.has(file))) absent.push(file);
  if (absent.length === 0) return { missing: [] };
  await makeFolders(store.folder);
  const total = sum(absent);
  await requireSpace(store.folder, total * 1.1 + 2 ** 20, 'fetching packages');
  await using folder = await temporaryFolder('.fetch-', store.folder);
  const missing: T[] = [];
  let done = 0;
  for (let start = 0; start < absent.length; start += BATCH) {
    const batch = absent.slice(start, start + BATCH);
    const share = sum(batch);
    const before = done;
    const onBytes = (bytes: number) => {
      // The last look at the folder may finish after the end.
      if (done === before) context.reporter.progress(before + Math.min(bytes, share), total, 'bytes');
    };
    missing.push(...(await fetchBatch(batch, folder.path, store, baseOf, { ...context, onBytes })));
    done += share;
    context.reporter.progress(done, total, 'bytes');
  }
  return { missing };
};

const fetchBatch = async <T extends Wanted>(
  batch: readonly T[],
  folder: string,
  store: BlobStore,
  baseOf: BaseOf<T>,
  context: AptContext & { readonly tolerateMissing?: boolean; readonly onBytes: (bytes: number) => void },
): Promise<T[]> => {
  const target = (file: Wanted) => join(folder, file.sha256);
  const triples = batch.flatMap((file) => [urlOf(file, baseOf(file)), target(file), `SHA256:${file.sha256}`]);
  const options = ['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2'];
  const timer = setInterval(() => void sizeOfFolder(folder).then(context.onBytes), 500);
  const result = await run(APT_HELPER, [...options, 'download-file', ...triples], {
    allow: [100],
    signal: context.signal,
    onLine: (line) => context.reporter.line(line),
    hint: 'Ingot fetches Debian packages with apt: install apt on this host.',
  }).finally(() => clearInterval(timer));
  const missing: T[] = [];
  for (const file of batch) {
    const came = await isThere(target(file));
    if (came) await store.take(target(file), file, file.filename);
    else missing.push(file);
  }
  if (missing.length > 0 || result.exitCode !== 0)
    refuse(outputOf(result), missing.length, where(missing[0], baseOf), context.tolerateMissing);
  return missing;
};

/** For the display alone: files come and go while apt works. */
const sizeOfFolder = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((total, found) => total + (found?.isFile() ? found.size : 0), 0);
};

const where = <T extends Wanted>(file: T | undefined, baseOf: BaseOf<T>): string | undefined =>
  file && urlOf(file, baseOf(file));

/** With `tolerate` passes over files that the mirror says it does not have; everything else is an error. */
const refuse = (output: string, missing: number, place: string | undefined, tolerate = false): void => {
  const failures = output.split('\n').filter((line) => line.startsWith('E: Failed to fetch'));
  const others = failures.filter((line) => !/ 404 +Not Found| File not found/.test(line));
  if (tolerate && others.length === 0 && failures.length >= missing) return;
  throw aptError((others.length > 0 ? others : failures).join('\n') || output, 'fetch packages', place);
};

const urlOf = ({ filename }: Wanted, base: string): string =>
  `${base}/${filename.split('/').map(encodeURIComponent).join('/')}`;

const unique = <T extends Wanted>(files: readonly T[]): T[] => [
  ...new Map(files.map((file) => [file.sha256, file])).values(),
];
const sum = (files: readonly Wanted[]): number => files.reduce((total, { size }) => total + size, 0);
