/** Results within a stage, kept in the store under names and keys of their own. */
import { rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Reporter } from '../report.ts';
import { damageOf, removeEntry } from './inventory.ts';
import { filesOf } from './result-files.ts';
import type { Parts } from './stage.ts';
import { readEntry, type Store } from './store.ts';

interface PartsContext {
  readonly store: Store;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

export const partsOf = ({ store, reporter, signal }: PartsContext): Parts => ({
  secretDigest: store.secretDigest,
  async find(name, key) {
    const digest = store.keyDigest(name, key);
    const folder = store.entryFolder(name, digest);
    if (!(await isThere(folder))) return undefined;
    await using _lock = await store.lock(name, digest, signal);
    const damage = await damageOf({ folder }, signal);
    if (damage.length === 0) {
      const found = await store.find(name, digest);
      // A result that rests on others is of no use without them: they are pruned together with it, not before.
      for (const { path } of filesOf(found?.out)) await touch(join(dirname(path), 'key.json'));
      return found?.out;
    }
    reporter.note(`a stored ${name} is damaged and was removed: ${damage.join('; ')}`);
    await removeEntry({ folder });
    return undefined;
  },
  keys: async (name) => (await store.keys(name)).map(({ key }) => key),
  has: (name, key) => isThere(store.entryFolder(name, store.keyDigest(name, key))),
  folderOf: (name, key) => store.entryFolder(name, store.keyDigest(name, key)),
  async publish(name, key, folder, out) {
    const digest = store.keyDigest(name, key);
    await using _lock = await store.lock(name, digest, signal);
    if (!(await isThere(store.entryFolder(name, digest))))
      return await store.publish(name, digest, folder, { key, out, holdsSecrets: true });
    await rm(folder, { recursive: true, force: true });
    return undefined;
  },
  async remove(name, key) {
    const digest = store.keyDigest(name, key);
    await using _lock = await store.lock(name, digest, signal);
    await removeEntry({ folder: store.entryFolder(name, digest) });
  },
});

/** A read-only store is still read. */
const touch = (path: string): Promise<void> => utimes(path, new Date(), new Date()).catch(() => undefined);

const isThere = async (folder: string): Promise<boolean> =>
  (await readEntry(folder, { checkFiles: false })) !== undefined;
