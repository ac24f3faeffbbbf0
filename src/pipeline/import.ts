/**
 * Takes the results of an export into a store. Their names are digests of their keys and their files are digested, so
 * an archive is checked whole before anything of it is taken.
 */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { IngotError } from '../errors.ts';
import { publish, requireSpace, syncTree, type TemporaryFolder, temporaryFolder } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { run } from '../host/run.ts';
import { damageOf, type StoredEntry } from './inventory.ts';
import { filesOf, isInside } from './result-files.ts';
import { parsed, parseResult } from './result-text.ts';
import { UNFINISHED } from './runs.ts';
import { isKey, type Store } from './store.ts';

/** Which result; a folder of `stages/`. */
type Place = Pick<StoredEntry, 'stage' | 'digest'>;

const place = ({ stage, digest }: Place): string => join('stages', stage, digest);

export interface Imported {
  readonly taken: readonly Place[];
  /** Those that the store had already. */
  readonly known: number;
}

/**
 * Takes the results of an archive that the store does not have. Throws `store.not-an-export` or `store.damaged`, and
 * then has taken nothing.
 */
export const importEntries = async (store: Store, file: string, signal: AbortSignal): Promise<Imported> => {
  const archive = await ifThere(lstat(file));
  if (archive === undefined)
    throw new IngotError('store.not-an-export', 'there is no such file', {
      where: file,
      hint: '`ingot store export FILE` writes one, on the host that has the results.',
    });
  await requireSpace(store.folder, archive.isFile() ? archive.blocks * 512 : 0, 'the import');
  // On the store's file system: what is good moves from here into the store.
  await using work = await unfinishedFolder(store.folder);
  await run('tar', ['--extract', '--file', resolve(file), '--directory', work.path, ...EXTRACT], { signal }).catch(
    (cause: unknown) => {
      if (signal.aborted) throw cause;
      if (cause instanceof IngotError && /No space left|quota exceeded/i.test(cause.detail ?? ''))
        throw new IngotError('host.no-space', 'the store has no room for what is in the export', {
          where: store.folder,
          hint: 'Free some space, or put the store elsewhere with --store.',
          cause,
        });
      throw notAnExport(file, cause instanceof IngotError ? cause.detail : undefined);
    },
  );
  const entries = await archiveEntries(work.path, file);
  for (const entry of entries) await checkName(store, join(work.path, place(entry)), entry, file);
  for (const entry of entries) await checkContent(store, work.path, entry, file, signal);
  const taken: typeof entries = [];
  for (const entry of entries) {
    await using _lock = await store.lock(entry.stage, entry.digest, signal);
    const final = store.entryFolder(entry.stage, entry.digest);
    if (await isThere(final)) continue;
    await makeFolders(join(store.folder, 'stages', entry.stage));
    await syncTree(join(work.path, place(entry)));
    await publish(join(work.path, place(entry)), final);
    taken.push(entry);
  }
  return { taken, known: entries.length - taken.length };
};

/** One that the next build removes, if this process is killed. */
const unfinishedFolder = async (store: string): Promise<TemporaryFolder> => {
  const own = await temporaryFolder('import-', join(store, 'runs'));
  const path = join(own.path, 'import', UNFINISHED);
  await makeFolders(path);
  return { path, [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
};

const EXTRACT = ['--no-same-owner', '--no-same-permissions', '--no-overwrite-dir'];

const notAnExport = (file: string, why: string | undefined): IngotError =>
  new IngotError('store.not-an-export', 'this is not an export of a store', {
    where: file,
    detail: why,
    hint: '`ingot store export` writes them.',
  });

/** Nothing but folders `stages/<stage>/<digest>` and regular files in them. */
const archiveEntries = async (folder: string, file: string): Promise<Place[]> => {
  const entries = new Map<string, Place>();
  for (const item of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = relative(folder, join(item.parentPath, item.name));
    const [top, stage, digest, ...rest] = path.split(sep);
    const isFolder = item.isDirectory() && (rest.length > 0 || digest === undefined || DIGEST.test(digest));
    const isFile = item.isFile() && rest.length > 0 && DIGEST.test(digest ?? '');
    if (top !== 'stages' || !(isFolder || isFile)) throw notAnExport(file, `it has ${path}`);
    if (stage !== undefined && digest !== undefined)
      entries.set(path.split(sep).slice(0, 3).join(sep), { stage, digest });
  }
  if (entries.size === 0) throw notAnExport(file, 'it has no results');
  return [...entries.values()];
};

const DIGEST = /^[0-9a-f]{64}$/;

const problem = ({ stage, digest }: Place, file: string, what: string): IngotError =>
  new IngotError('store.damaged', `the result ${stage} ${digest.slice(0, 12)} of the export ${what}`, {
    where: file,
    hint: 'Nothing was imported. Export it again.',
  });

/** This data is foreign: whatever keeps a file from being read, the export is not what it should be. */
const readForeign = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

const checkName = async (store: Store, at: string, entry: Place, file: string): Promise<void> => {
  const key = parsed(await readForeign(join(at, 'key.json')));
  const isNamed = isKey(key) && store.storedDigest(entry.stage, key) === entry.digest;
  if (!isNamed) throw problem(entry, file, 'is not what its name says');
};

/** Is it whole, and does it rest on nothing but results of the archive or of the store? */
const checkContent = async (store: Store, tree: string, entry: Place, file: string, signal: AbortSignal) => {
  const at = join(tree, place(entry));
  const stored = parseResult(await readForeign(join(at, 'result.json')));
  if (!stored) throw problem(entry, file, 'is damaged: result.json');
  for (const { path } of filesOf(stored.out)) {
    if (isAbsolute(path)) throw problem(entry, file, `rests on ${path}, outside of the store`);
    const [top, stage = '', digest = ''] = relative(tree, resolve(at, path)).split(sep);
    const folders = [join(tree, 'stages', stage, digest), store.entryFolder(stage, digest)];
    const isKnown = top === 'stages' && DIGEST.test(digest) && (await Promise.all(folders.map(isThere))).includes(true);
    if (!isKnown) throw problem(entry, file, `rests on ${path}, which is neither in it nor in this store`);
  }
  const [damage] = await damageOf({ folder: at }, signal, (path) => isInside(at, path));
  if (damage !== undefined) throw problem(entry, file, `is damaged: ${relative(at, damage)}`);
};
