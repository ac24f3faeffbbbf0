/** *resolve*: which packages, from which signed indexes, an assembled medium is made of. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leftOut, requestedPackages } from '../../distributions/debian/archive/implied.ts';
import { LOCK_FORMAT, type Lock, lockText, parseLock } from '../../distributions/debian/archive/package-lock.ts';
import { debianComponents } from '../../distributions/debian/medium/components.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, sha256, sha256File } from '../../host/files.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { AssembledOrigin, StandInChoice } from '../../recipe/schema/origin-schema.ts';
import { aptWord } from '../../recipe/values/package-wish.ts';
import { mirrorsOf } from './mirrors.ts';

export interface ResolveInput {
  readonly loaded: LoadedRecipe;
  readonly origin: AssembledOrigin;
}

const STANDING: Readonly<Record<StandInChoice, string>> = {
  never: "Debian's",
  'where-missing': 'ones that the mirror lacks',
  always: "Debian's, as the recipe says",
};

/**
 * What the mirror holds today is not in the key: an image stays the same until `--refresh` looks again. The lock
 * then is the key of all that follows.
 */
export const resolveStage: Stage<ResolveInput, FileRef> = {
  name: 'resolve',
  async key(input) {
    const { loaded, origin } = input;
    const mirrors = await mirrorsOf(input.loaded, input.origin);
    const asked = requestedPackages(loaded.recipe);
    return {
      format: LOCK_FORMAT,
      release: loaded.recipe.os.release,
      arch: loaded.recipe.os.arch,
      mirrors: { ...mirrors.urls },
      keys: await Promise.all(mirrors.keys.map((key) => (key.startsWith('/') ? sha256File(key) : key))),
      install: asked.install.map(aptWord),
      onMedium: asked.extra.map(aptWord),
      leftOut: leftOut(loaded.recipe).map(({ name }) => name),
      components: debianComponents(loaded.recipe.os.release).digest,
      standIns: origin.standIns,
    };
  },
  async run(input, { dir, shared, reporter, allowOlder, signal }) {
    const { resolveDebian } = await import('../../distributions/debian/archive/resolve.ts');
    const lock = await resolveDebian({
      recipe: input.loaded.recipe,
      mirrors: await mirrorsOf(input.loaded, input.origin),
      store: openBlobs(shared('packages')),
      stateFolder: join(shared('host'), 'apt'),
      allowOlder,
      components: debianComponents(input.loaded.recipe.os.release),
      reporter,
      signal,
    });
    const names = lock.standIns.map(({ name }) => name).join(', ');
    reporter.note(
      names === ''
        ? "the installer's components are all Debian's own"
        : `components of Ingot stand in for ${STANDING[lock.standInChoice]}: ${names}`,
    );
    const path = join(dir, 'lock.json');
    await writeFile(path, lockText(lock));
    return fileRef(path, signal);
  },
};

/** Throws `store.damaged` when the stored lock is not what was stored. */
export const readLock = async ({ path, sha256: digest }: FileRef): Promise<Lock> => {
  const text = await readFile(path, 'utf8');
  const lock = sha256(text) === digest ? parseLock(text) : undefined;
  if (lock === undefined)
    throw new IngotError('store.damaged', 'the stored list of packages is damaged', {
      where: path,
      hint: 'A build makes it again.',
    });
  return lock;
};
