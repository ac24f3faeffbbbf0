/** Added packages of a build that keeps to a lock: nothing is chosen, all is taken as it is named. */
import type { ExtraPackage } from '../../distributions/debian/added/candidates.ts';
import type { Extra } from '../../distributions/debian/added/resolve-added.ts';
import { IngotError } from '../../errors.ts';
import { sha256File } from '../../host/files.ts';
import type { BlobStore } from '../../origin/blobs.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { LockedAddition } from '../../recipe/schema/lock-schema.ts';
import { wantedDebs } from './wanted-packages.ts';

export const additionIn = ({ frozen }: LoadedRecipe): LockedAddition =>
  frozen?.build.added ?? { repositories: [], install: [], packages: [] };

/** Local .debs are found by their digest, the others in the store. Throws `lock.cannot-be-had`. */
export const lockedExtra = async (loaded: LoadedRecipe, store: BlobStore): Promise<Extra> => {
  const { install, packages, repositories } = additionIn(loaded);
  const local = new Map<string, string>();
  for (const { path } of await wantedDebs(loaded)) local.set(await sha256File(path), path);
  const found: ExtraPackage[] = [];
  const missing: string[] = [];
  for (const { file: filename, from: source, ...one } of packages) {
    const path = local.get(one.sha256);
    if (path !== undefined) found.push({ ...one, filename, source: path, file: path, isLocal: true });
    else if (await store.has(one))
      found.push({ ...one, filename, source, file: await store.checked(one, one.name), isLocal: false });
    else missing.push(`${one.name} ${one.version}  sha256 ${one.sha256}  ${source}`);
  }
  const signed = repositories.map(({ from, ...one }) => ({ url: from, ...one }));
  if (missing.length === 0) return { repositories: signed, packages: found, install, there: [], elsewhere: new Map() };
  throw new IngotError(
    'lock.cannot-be-had',
    `${missing.length} of the added packages that the lock names cannot be had`,
    {
      where: loaded.frozen?.where,
      detail: missing.join('\n'),
      hint: 'A bundle of that time has them (`ingot build --bundle`); `ingot lock --update` takes what is there today.',
    },
  );
};
