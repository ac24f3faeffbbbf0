/**
 * What a stage reads is digested whole, once a build, while the stage already runs: nothing made from a damaged file is
 * published. The result that the damaged file belongs to is removed, and made again.
 */
import { basename, join, relative, sep } from 'node:path';
import { IngotError } from '../errors.ts';
import { type FileRef, isFileRef, sha256File } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import { removeEntry } from './inventory.ts';
import { isInside } from './result-files.ts';
import type { Store } from './store.ts';

/** A stored result is not what was stored; it is removed by now. */
export class DamagedResult extends IngotError {
  readonly stage: string;
  constructor(stage: string, path: string) {
    super('store.damaged', `a stored result of ${stage} was damaged: ${basename(path)} is not what was stored`, {
      where: path,
      hint: 'It was removed; the next build makes it again. Is the disk of the store in order?',
    });
    this.stage = stage;
  }
}

export interface Verifier {
  /**
   * Throws `DamagedResult` for the first file in `input` that lies in the store and is not what was stored. One that
   * cannot be read may still be whole: its result stays, and the error says why.
   */
  verify(input: unknown, signal: AbortSignal): Promise<void>;
  /** For a result of this build: its files were digested when they were made. */
  trust(result: unknown): void;
}

export const createVerifier = (store: Store): Verifier => {
  const stages = join(store.folder, 'stages');
  const good = new Set<string>();
  return {
    trust(result) {
      for (const { path, sha256 } of storedFiles(result)) good.add(`${sha256} ${path}`);
    },
    async verify(input, signal) {
      for (const { path, sha256 } of storedFiles(input)) {
        if (!isInside(stages, path) || good.has(`${sha256} ${path}`)) continue;
        const found = await ifThere(sha256File(path, signal));
        if (found !== sha256) throw await damaged(stages, path);
        good.add(`${sha256} ${path}`);
      }
    },
  };
};

const damaged = async (stages: string, path: string): Promise<DamagedResult> => {
  const [stage = '', digest = ''] = relative(stages, path).split(sep);
  await removeEntry({ folder: join(stages, stage, digest) });
  return new DamagedResult(stage, path);
};

/** The `FileRef`s in plain data; what has a class (parsers, secret stores) holds none. */
const storedFiles = (value: unknown): FileRef[] => {
  if (value === null || typeof value !== 'object' || !isPlain(value)) return [];
  if (isFileRef(value)) return [value];
  return Object.values(value).flatMap(storedFiles);
};

const isPlain = (value: object): boolean =>
  [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value));
