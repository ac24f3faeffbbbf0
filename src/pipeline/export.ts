/**
 * Results as one tar archive, to be carried to another store: `stages/<stage>/<digest>/…`, as they lie in this one.
 */
import { rm } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { IngotError } from '../errors.ts';
import { type FileRef, fileRef, publish, temporaryName } from '../host/files.ts';
import { run } from '../host/run.ts';
import { damageOf, listEntries, type StoredEntry } from './inventory.ts';
import { filesOf, isInside } from './result-files.ts';
import { readEntry } from './store.ts';

/** `entries` and all whose files they rest on; those that cannot be carried are listed in `left`, each with the reason. */
export const closureOf = async (
  store: string,
  entries: readonly StoredEntry[],
): Promise<{ readonly entries: StoredEntry[]; readonly left: readonly { entry: StoredEntry; why: string }[] }> => {
  const known = new Map((await listEntries(store)).map((entry) => [entry.folder, entry]));
  const chosen = new Set<StoredEntry>();
  const left: { entry: StoredEntry; why: string }[] = [];
  const take = async (entry: StoredEntry): Promise<void> => {
    if (chosen.has(entry)) return;
    const files = filesOf((await readEntry(entry.folder, { checkFiles: false }))?.out).map(({ path }) => path);
    const outside = files.find((path) => !isInside(join(store, 'stages'), path));
    if (outside !== undefined) return void left.push({ entry, why: `rests on ${outside}, outside of the store` });
    chosen.add(entry);
    for (const path of files) {
      const [stage = '', digest = ''] = relative(join(store, 'stages'), path).split(sep);
      const other = known.get(join(store, 'stages', stage, digest));
      if (other) await take(other);
    }
  };
  for (const entry of entries) {
    const same = known.get(entry.folder);
    if (same) await take(same);
  }
  return { entries: [...chosen], left };
};

/** Writes the archive whole or not at all. Throws `store.damaged` for a result that is not what was stored. */
export const exportEntries = async (
  store: string,
  entries: readonly StoredEntry[],
  file: string,
  signal: AbortSignal,
): Promise<FileRef> => {
  for (const entry of entries) {
    const [damage] = await damageOf(entry, signal);
    if (damage === undefined) continue;
    throw new IngotError('store.damaged', `a result of ${entry.stage} is not what was stored: ${damage}`, {
      where: entry.folder,
      hint: '`ingot store verify --remove` removes it.',
    });
  }
  const final = resolve(file);
  const temporary = temporaryName(final);
  try {
    await run(
      'tar',
      [
        ...CREATE,
        '--file',
        temporary,
        '--directory',
        store,
        ...entries.map(({ stage, digest }) => join('stages', stage, digest)),
      ],
      { signal },
    );
    const written = await fileRef(temporary, signal);
    await publish(temporary, final);
    return { ...written, path: final };
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Holes stay holes; nobody's names. */
const CREATE = ['--create', '--sparse', '--format=posix', '--owner=0', '--group=0', '--numeric-owner'];
