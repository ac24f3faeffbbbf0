/**
 * The store of stage results: one folder a result, named by the digest of its key, published by rename after fsync.
 *
 *     stages/<stage>/<key digest>/{key.json, result.json, …}   and `holds-secrets` where that is so
 *     shared/{packages,isos,images,host}/   runs/   locks/
 */
import { createHmac } from 'node:crypto';
import { lstat, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { IngotError } from '../errors.ts';
import { publish, sha256, syncTree, writeFileWhole } from '../host/files.ts';
import { makeFolders } from '../host/folders.ts';
import { ifThere } from '../host/if-there.ts';
import { acquireLock } from '../host/lock.ts';
import { ingotVersion } from '../host/project.ts';
import { openFolder } from '../host/remove-tree.ts';
import { absolute, filesOf, isInside, relocate } from './result-files.ts';
import { parsed, parseResult, resultText } from './result-text.ts';
import type { KeyContext, StageContext, StageKey } from './stage.ts';
import { storeSecret } from './store-secret.ts';

/** Raised when the meaning of stored results changes; older ones are then not found any more. */
const STORE_FORMAT = 3;

/** The file that marks a result which can hold secrets. */
export const SECRETS_MARK = 'holds-secrets';

export interface StoredResult {
  readonly out: unknown;
  /** When it was made, milliseconds since the epoch. */
  readonly made: number;
}

export interface KnownKey {
  readonly key: StageKey;
  /** When its result was made, milliseconds since the epoch. */
  readonly made: number;
}

/** What a stage has made, besides its files. */
export interface StoredMade {
  readonly key: StageKey;
  readonly out: unknown;
  readonly holdsSecrets: boolean;
}

export interface Store extends KeyContext {
  readonly folder: string;
  readonly shared: StageContext['shared'];
  keyDigest(stage: string, key: StageKey): string;
  /** The key as it is stored: with the version of Ingot, since another one may make something else of the same input. */
  wholeKey(key: StageKey): StageKey;
  /** Of a key as it is stored. */
  storedDigest(stage: string, wholeKey: StageKey): string;
  /** Where the result of a stage lies, when there is one. */
  entryFolder(stage: string, digest: string): string;
  /** Calls `onDamage` with the file when there is a result and it is not what was stored. */
  find(stage: string, digest: string, onDamage?: (path: string) => void): Promise<StoredResult | undefined>;
  /** The keys of all results of a stage. */
  keys(stage: string): Promise<readonly KnownKey[]>;
  /**
   * Writes key and result into the work folder, which has to be on the store's file system, and gives it its name.
   * Returns the result with absolute paths.
   */
  publish(stage: string, digest: string, work: string, made: StoredMade): Promise<unknown>;
  /** Calls `onWait` with the process that has the lock, when it is not free. */
  lock(stage: string, digest: string, signal: AbortSignal, onWait?: (pid: string) => void): Promise<AsyncDisposable>;
  /** Held by every build: while it is, nothing is removed. */
  inUse(signal: AbortSignal): Promise<AsyncDisposable>;
  /** For removing results; throws `host.busy` while a build uses the store. */
  alone(): Promise<AsyncDisposable>;
}

export const defaultStoreFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ingot');

export const openStore = async (folder: string): Promise<Store> => {
  await makeStoreFolders(folder);
  const hmacKey = await storeSecret(join(folder, 'secret.key'));
  const version = ingotVersion();
  const wholeKey = (key: StageKey): StageKey => ({ ...key, ingot: version });
  const storedDigest = (stage: string, key: StageKey) => sha256(canonicalJson({ format: STORE_FORMAT, stage, key }));
  const entry = (stage: string, digest: string) => join(folder, 'stages', stage, digest);
  return {
    folder,
    shared: (name) => join(folder, 'shared', name),
    secretDigest: (secret) => createHmac('sha256', hmacKey).update(secret).digest('hex'),
    keyDigest: (stage, key) => storedDigest(stage, wholeKey(key)),
    wholeKey,
    storedDigest,
    entryFolder: entry,
    async find(stage, digest, onDamage) {
      const found = await readEntry(entry(stage, digest), onDamage ? { onDamage } : {});
      // Its time says when the result was last of use. A read-only store is still read.
      if (found) await utimes(join(entry(stage, digest), 'key.json'), new Date(), new Date()).catch(() => undefined);
      return found;
    },
    keys: (stage) => readKeys(join(folder, 'stages', stage)),
    async publish(stage, digest, work, { key, out, holdsSecrets }) {
      const final = entry(stage, digest);
      const stored = relocate(out, (path) => {
        if (isInside(work, path)) return relative(work, path);
        return isInside(join(folder, 'stages'), path) ? relative(final, path) : path;
      });
      await writeFileWhole(join(work, 'key.json'), `${JSON.stringify(wholeKey(key), null, 2)}\n`);
      await writeFileWhole(join(work, 'result.json'), resultText(stored));
      if (holdsSecrets) await writeFileWhole(join(work, SECRETS_MARK), '');
      await syncTree(work);
      await makeFolders(dirname(final));
      await rm(final, { recursive: true, force: true });
      await publish(work, final);
      return absolute(stored, final);
    },
    lock: (stage, digest, signal, onWait) =>
      acquireLock(join(folder, 'locks', `${stage}-${digest}`), {
        wait: true,
        purpose: `stage ${stage}`,
        signal,
        ...(onWait ? { onWait } : {}),
      }),
    inUse: (signal) =>
      acquireLock(join(folder, 'locks', 'users'), { shared: true, wait: true, purpose: 'the store', signal }),
    alone: () => acquireLock(join(folder, 'locks', 'users'), { purpose: `the store ${folder}` }),
  };
};

const makeStoreFolders = async (folder: string): Promise<void> => {
  try {
    await makeFolders(folder, 0o700);
    for (const name of ['stages', 'locks', 'runs', 'shared/packages', 'shared/isos', 'shared/images', 'shared/host']) {
      await makeFolders(join(folder, name));
    }
    // The folder itself may be the user's, and open to others; what is in these is not for them.
    for (const name of ['stages', 'runs', 'shared', 'locks']) await keepToOneself(join(folder, name));
  } catch (cause) {
    throw new IngotError('store.not-writable', `the store cannot be written`, {
      where: folder,
      hint: 'Choose another folder with --store, or correct its permissions.',
      cause,
    });
  }
};

/** What a link leads to is not ours to change. */
const keepToOneself = async (path: string): Promise<void> => {
  if ((await lstat(path)).isSymbolicLink()) return;
  await using opened = await openFolder(path);
  await opened.chmod(0o700);
};

interface ReadOptions {
  /** Whether a result with files that are gone or of another size counts as none. */
  readonly checkFiles?: boolean;
  readonly onDamage?: (path: string) => void;
}

/** Undefined when there is no result, or when it is not what was stored; throws when that cannot be told. */
export const readEntry = async (
  folder: string,
  { checkFiles = true, onDamage }: ReadOptions = {},
): Promise<StoredResult | undefined> => {
  const path = join(folder, 'result.json');
  const text = await ifThere(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  const stored = parseResult(text);
  if (!stored) {
    onDamage?.(path);
    return undefined;
  }
  const out = absolute(stored.out, folder);
  for (const file of checkFiles ? filesOf(out) : []) {
    const found = await ifThere(stat(file.path));
    if (found?.size === file.size) continue;
    if (found) onDamage?.(file.path);
    return undefined;
  }
  const info = await ifThere(stat(path));
  return info && { out, made: info.mtimeMs };
};

const readKeys = async (folder: string): Promise<KnownKey[]> => {
  const keys: KnownKey[] = [];
  for (const name of (await ifThere(readdir(folder))) ?? []) {
    const path = join(folder, name, 'key.json');
    // A result may be removed while the others are read.
    const text = await ifThere(readFile(path, 'utf8'));
    const result = await ifThere(stat(join(folder, name, 'result.json')));
    const key = text === undefined ? undefined : parsed(text);
    if (isKey(key) && result) keys.push({ key, made: result.mtimeMs });
  }
  return keys;
};

export const isKey = (value: unknown): value is StageKey =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
