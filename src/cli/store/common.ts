/** What the verbs of `ingot store` share. */
import { resolve } from 'node:path';
import { IngotError } from '../../errors.ts';
import type { StoredEntry } from '../../pipeline/inventory.ts';
import { age, bytes } from '../../ui/format.ts';

export const entryLine = ({ stage, digest, size, made, used, holdsSecrets }: StoredEntry): string => {
  const now = Date.now();
  return `${stage.padEnd(16)} ${digest.slice(0, 12)} ${bytes(size).padStart(8)}  made ${age(now - made)}, used ${age(now - used)}${holdsSecrets ? ', can hold secrets' : ''}`;
};

export const totalSize = (entries: readonly Pick<StoredEntry, 'size'>[]): number =>
  entries.reduce((sum, { size }) => sum + size, 0);

/** Exactly one of `entries` by the start of its digest; throws `usage.no-such-result`. */
export const entryBy = (entries: readonly StoredEntry[], start: string, folder: string): StoredEntry => {
  const found = entries.filter(({ digest }) => digest.startsWith(start));
  const [entry] = found;
  if (entry && found.length === 1) return entry;
  throw new IngotError('usage.no-such-result', `${found.length} results begin with ${start}`, {
    where: folder,
    hint: '`ingot store list` shows them.',
  });
};

export const openStoreFolder = async (option: string | undefined) => {
  const { defaultStoreFolder, openStore } = await import('../../pipeline/store.ts');
  const folder = resolve(option ?? defaultStoreFolder());
  return { folder, store: await openStore(folder) };
};
