/** A recipe with its lock: read, held against recipe and files, and given to the stages. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { IngotError } from '../errors.ts';
import { sha256 } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import type { Judged } from '../judgement.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { lockPathOf } from '../recipe/lock-path.ts';
import type { Frozen, FrozenMirrors, LockedBuild, LockFile } from '../recipe/schema/lock-schema.ts';
import { misfits } from './fit.ts';
import { parseLockFile } from './lock-text.ts';
import { trustedMirrors } from './trusted-mirrors.ts';

/** The lock beside a recipe; undefined where there is none. */
export const readLockFile = async (recipe: string): Promise<LockFile | undefined> =>
  (await readAt(lockPathOf(recipe)))?.lock;

const readAt = async (path: string): Promise<{ readonly lock: LockFile; readonly sha256: string } | undefined> => {
  const text = await ifThere(readFile(path, 'utf8'));
  return text === undefined ? undefined : { lock: parseLockFile(text, path), sha256: sha256(text) };
};

export interface FreezeOptions {
  /** Where the lock lies, when it is not beside the recipe. */
  readonly lock?: string | undefined;
  /** What a bundle brings; the first is for the recipe itself, the next for the one below it. */
  readonly mirrors?: readonly (FrozenMirrors | undefined)[];
  /** The recipe is one of this host: what a bundle brings is held against what the host trusts. */
  readonly isOfHost?: boolean;
}

/**
 * The recipe as `--locked` builds it. Throws `lock.missing`, `lock.file-differs` when only files differ from the lock,
 * `lock.differs` otherwise; each with all that differs. Throws `bundle.unknown-keys` for a recipe of this host.
 */
export const frozenRecipe = async (loaded: LoadedRecipe, options: FreezeOptions = {}): Promise<LoadedRecipe> => {
  const where = options.lock ?? lockPathOf(loaded.path);
  const found = await readAt(where);
  if (found === undefined) throw missing('there is no lock', loaded, where);
  const { recipe } = loaded;
  const build = found.lock.builds[recipe.name];
  if (build === undefined) throw missing(`the lock has no build ${recipe.name}`, loaded, where);
  const mirrors = options.mirrors ?? [];
  const frozen = freeze(
    loaded,
    build,
    { where, sha256: found.sha256 },
    options.isOfHost ? await trustedOf(loaded, mirrors) : mirrors,
  );
  const differing = await misfits(frozen, build);
  if (differing.length > 0) throw differs(differing, where);
  return frozen;
};

const missing = (message: string, { path }: LoadedRecipe, where: string): IngotError =>
  new IngotError('lock.missing', message, {
    where,
    hint: `\`ingot lock ${basename(path)}\` writes it, with the same \`--var\` as here.`,
  });

/** In the order of the recipes: each is below the one before it. */
const trustedOf = async (
  loaded: LoadedRecipe,
  [first, ...below]: FreezeOptions['mirrors'] & {},
): Promise<(FrozenMirrors | undefined)[]> => [
  first && (await trustedMirrors(loaded, first)),
  ...(loaded.parent === undefined ? [] : await trustedOf(loaded.parent, below)),
];

const freeze = (
  loaded: LoadedRecipe,
  build: LockedBuild,
  file: Pick<Frozen, 'where' | 'sha256'>,
  [mirrors, ...below]: readonly (FrozenMirrors | undefined)[],
): LoadedRecipe => {
  const frozen = { build, ...file, mirrors };
  return {
    ...loaded,
    frozen,
    hosts: loaded.hosts.map((host) => ({ ...host, loaded: { ...host.loaded, frozen } })),
    ...(loaded.parent === undefined || build.below === undefined
      ? {}
      : { parent: freeze(loaded.parent, build.below, file, below) }),
  };
};

const differs = (found: readonly Judged[], where: string): IngotError => {
  const isFilesOnly = found.every(({ rule }) => rule.startsWith('lock/file-'));
  const detail = found.map((one) => `${one.where}: ${one.message}`).join('\n');
  const hints = [...new Set(found.flatMap(({ hint }) => hint ?? []))].join(' ');
  return isFilesOnly
    ? new IngotError('lock.file-differs', 'files that the recipe names are not those of the lock', {
        where,
        detail,
        hint: hints,
      })
    : new IngotError('lock.differs', 'the recipe is not the one that the lock was written for', {
        where,
        detail,
        hint: hints,
      });
};
