/** What a lock says to the stages that begin a build: which list of packages, which file, and where what is missing may come from. */
import { join } from 'node:path';
import { canonicalJson } from '../../canonical-json.ts';
import { bringLocked } from '../../distributions/debian/archive/bring-locked.ts';
import { archiveOf, frozenLock, packageFiles } from '../../distributions/debian/archive/locked-archive.ts';
import { type Lock, lockText } from '../../distributions/debian/archive/package-lock.ts';
import { debianComponents } from '../../distributions/debian/medium/components.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, sha256, writeFileWhole } from '../../host/files.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { LockedArchive, LockedFile, LockedRequest } from '../../recipe/schema/lock-schema.ts';
import type { AssembledOrigin } from '../../recipe/schema/origin-schema.ts';
import { mirrorsOf } from './mirrors.ts';
import type { ResolveInput } from './resolve-stage.ts';

/** Changes when the same lock gives another result. */
const FORMAT = 1;

/** *resolve* of a build that keeps to a lock: nothing is chosen, all is taken as it is named. */
export const frozenResolveStage: Stage<ResolveInput, FileRef> = {
  name: 'resolve',
  key: ({ loaded }) => ({ locked: sha256(canonicalJson(archiveIn(loaded).archive)), format: FORMAT }),
  async run({ loaded, origin }, context) {
    const { archive, where, request } = archiveIn(loaded);
    const lock = await frozenLock({
      ...(await lockSources(loaded, origin, context)),
      archive,
      request,
      components: debianComponents(loaded.recipe.os.release),
      where,
      folder: context.dir,
    });
    const path = join(context.dir, 'lock.json');
    await writeFileWhole(path, lockText(lock));
    return fileRef(path, context.signal);
  },
};

interface InLock {
  readonly archive: LockedArchive;
  readonly request: LockedRequest | undefined;
  readonly where: string;
}

const archiveIn = ({ frozen }: LoadedRecipe): InLock => {
  const archive = frozen?.build.archive;
  if (frozen !== undefined && archive !== undefined)
    return { archive, request: frozen.build.request, where: frozen.where };
  throw new IngotError('lock.differs', 'the lock has no packages for a medium that is assembled', {
    where: frozen?.where,
    hint: 'Write it again with `ingot lock`.',
  });
};

/** What a stage has of the store and the screen. */
export type SourceContext = Pick<StageContext, 'reporter' | 'signal'> & {
  readonly shared: (name: 'packages') => string;
};

/** Where what the store lacks may come from. */
export const lockSources = async (
  loaded: LoadedRecipe,
  origin: AssembledOrigin,
  { shared, reporter, signal }: SourceContext,
) => ({
  mirrors: await mirrorsOf(loaded, origin),
  snapshots: {
    ...(origin.snapshot === undefined ? {} : { mirror: origin.snapshot }),
    ...(origin.securitySnapshot === undefined ? {} : { security: origin.securitySnapshot }),
  },
  store: openBlobs(shared('packages')),
  reporter,
  signal,
});

/** Before a stage reads packages: with a lock, what the store has lost comes from wherever it can be had. */
export const bringPackages = async (
  loaded: LoadedRecipe,
  origin: AssembledOrigin,
  lock: Lock,
  context: SourceContext,
): Promise<void> => {
  if (loaded.frozen === undefined) return;
  const archive = archiveOf(lock);
  await bringLocked(packageFiles(archive), {
    ...(await lockSources(loaded, origin, context)),
    archive,
    where: loaded.frozen.where,
  });
};

/** The origin with the digest that the lock has in place of what the recipe says of it. */
export const pinned = <T extends object>(origin: T, file: LockedFile | undefined): T =>
  file === undefined ? origin : { ...origin, sha256: file.sha256, sha512: undefined, sums: undefined };
