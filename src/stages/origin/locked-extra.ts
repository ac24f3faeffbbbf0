/** Added packages of a build that keeps to a lock: nothing is chosen, all is taken as it is named. */
import type { ExtraPackage } from '../../distributions/debian/added/candidates.ts';
import type { Extra } from '../../distributions/debian/added/resolve-added.ts';
import type { AptContext } from '../../distributions/debian/archive/apt.ts';
import { fetchPackages } from '../../distributions/debian/archive/fetch-packages.ts';
import { IngotError } from '../../errors.ts';
import { sha256File } from '../../host/files.ts';
import type { BlobStore } from '../../origin/blobs.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { LockedAddition } from '../../recipe/schema/lock-schema.ts';
import { isAssembled, isImage } from '../../recipe/schema/origin-schema.ts';
import { withoutUrlSecrets } from '../../recipe/secrets/url-secrets.ts';
import { mirrorsOf } from './mirrors.ts';
import { namedRepositories, wantedDebs } from './wanted-packages.ts';

export const additionIn = ({ frozen }: LoadedRecipe): LockedAddition =>
  frozen?.build.added ?? { repositories: [], install: [], packages: [] };

/**
 * Local .debs are found by their digest, the others in the store, and what it lacks where its repository had it. Throws
 * `lock.cannot-be-had`.
 */
export const lockedExtra = async (loaded: LoadedRecipe, store: BlobStore, context: AptContext): Promise<Extra> => {
  const why = await bringAdded(loaded, store, context);
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
      detail: [...missing, ...why].join('\n'),
      hint: 'A bundle of that time has them (`ingot build --bundle`); `ingot lock --update` takes what is there today.',
    },
  );
};

/** By the lock's path and digest; what cannot be had is left to the caller. Says why sources gave nothing. */
const bringAdded = async (loaded: LoadedRecipe, store: BlobStore, context: AptContext): Promise<string[]> => {
  const why: string[] = [];
  const wanted = [];
  for (const { at, from, name, size, sha256 } of additionIn(loaded).packages)
    if (at !== undefined && !(await store.has({ size, sha256 })))
      wanted.push({ size, sha256, filename: at, suite: from, title: name });
  if (wanted.length === 0) return [];
  const bases = await basesOf(loaded);
  for (const [from, files] of Map.groupBy(wanted, ({ suite }) => suite)) {
    const base = bases.get(from.split(' ')[0] ?? '');
    if (base === undefined) {
      why.push(`${from}: no repository of the recipe`);
      continue;
    }
    try {
      const { missing } = await fetchPackages(files, store, () => base, { ...context, tolerateMissing: true });
      if (missing.length > 0) why.push(`${from}: does not have ${missing.map(({ title }) => title).join(', ')}`);
    } catch (error) {
      // What a source lacks is no end; a full disk or an interruption is.
      if (!(error instanceof IngotError) || !/^origin\./.test(error.code)) throw error;
      why.push(`${from}: ${error.message}`);
    }
  }
  return why;
};

/** Addresses of the recipe's repositories, and of the mirrors, as the lock calls them: without suites. */
const basesOf = async (loaded: LoadedRecipe): Promise<ReadonlyMap<string, string>> => {
  const { origin } = loaded.recipe;
  const all: (readonly [name: string, url: string])[] = [];
  if (isAssembled(origin) || isImage(origin)) {
    const { mirror, security } = (await mirrorsOf(loaded, origin)).urls;
    all.push([mirror, mirror], [security, security], ['origin.mirror', mirror], ['origin.securityMirror', security]);
  }
  for (const { url } of namedRepositories(loaded)) all.push([url, url]);
  return new Map(all.map(([name, url]) => [withoutUrlSecrets(name), url.replace(/\/+$/, '')]));
};
