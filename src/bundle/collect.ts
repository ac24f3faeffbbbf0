/**
 * What a rebuild of a recipe needs, from the host and the store, under the paths that it has in a bundle. A recipe and what
 * lies beside it keep their places to each other; what it names elsewhere (`~/…`, `../…`) gets a place of its own, and the
 * index says which, so that the recipe itself is the same to a byte.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { indexFiles, packageFiles } from '../distributions/debian/archive/locked-archive.ts';
import { IngotError } from '../errors.ts';
import { sha256, sha256File } from '../host/files.ts';
import { keyFiles } from '../lock/key-files.ts';
import { type NamedFile, namedFiles } from '../lock/named-files.ts';
import { type BlobStore, openBlobs } from '../origin/blobs.ts';
import type { MadeInputs } from '../plan/inputs-list.ts';
import { hostFile } from '../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedBuild } from '../recipe/schema/lock-schema.ts';
import { isAssembled, isImage, isIso, isUrl, parentOf } from '../recipe/schema/origin-schema.ts';
import { secretReferences, secretUses } from '../recipe/secrets/secrets.ts';
import { systemMirrors } from '../stages/answers/answers-stage.ts';
import { mirrorsOf } from '../stages/origin/mirrors.ts';
import type { Bundled, BundledRecipe, BundleEntry, BundleIndex } from './bundle-index.ts';
import type { Content } from './write-bundle.ts';

export interface Collected {
  readonly recipes: readonly BundledRecipe[];
  readonly entries: readonly BundleEntry[];
  readonly links: BundleIndex['links'];
  readonly folders: BundleIndex['folders'];
  /** By digest. */
  readonly contents: ReadonlyMap<string, Content>;
  readonly secrets: readonly string[];
}

export interface CollectOptions {
  /** The store's folder for packages, and those for what was downloaded. */
  readonly shared: (name: 'packages' | 'isos' | 'images') => string;
  readonly withSecrets: boolean;
}

interface Collecting extends CollectOptions {
  readonly packages: BlobStore;
  readonly entries: Map<string, BundleEntry>;
  readonly links: Map<string, BundleIndex['links'][number]>;
  readonly folders: Map<string, BundleIndex['folders'][number]>;
  readonly contents: Map<string, Content>;
  readonly secrets: Set<string>;
}

/** `builds`: every variant of one recipe, each with its lock and what its first stages have made. */
export const collect = async (
  builds: readonly { readonly loaded: LoadedRecipe; readonly made: MadeInputs }[],
  options: CollectOptions,
): Promise<Collected> => {
  const found: Collecting = {
    ...options,
    packages: openBlobs(options.shared('packages')),
    entries: new Map(),
    links: new Map(),
    folders: new Map(),
    contents: new Map(),
    secrets: new Set(),
  };
  const recipes: BundledRecipe[] = [];
  for (const { loaded, made } of builds) {
    const chain = await addRecipe(loaded, made, 0, found);
    for (const [place, one] of chain.entries()) recipes[place] = joined(recipes[place], one);
  }
  return {
    recipes,
    entries: [...found.entries.values()].sort(byPath),
    links: [...found.links.values()].sort(byPath),
    folders: [...found.folders.values()].sort(byPath),
    contents: found.contents,
    secrets: [...found.secrets].sort(),
  };
};

const byPath = (one: { readonly path: string }, other: { readonly path: string }): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0;

/** Variants are one recipe with other values: what each names is in the bundle. */
const joined = (known: BundledRecipe | undefined, one: BundledRecipe): BundledRecipe => {
  if (known === undefined) return one;
  if (known.path !== one.path)
    throw new IngotError('bundle.several-parents', 'the variants of the recipe begin with different recipes', {
      where: one.path,
      hint: 'Choose one variant with --var, and write a bundle for each.',
    });
  const variables = Object.fromEntries(
    Object.entries(known.variables).filter(([name, value]) => one.variables[name] === value),
  );
  const mirrors = known.mirrors ?? one.mirrors;
  return {
    ...known,
    ...(mirrors === undefined ? {} : { mirrors }),
    variables,
    moved: { ...known.moved, ...one.moved },
    secretFiles: [...new Set([...known.secretFiles, ...one.secretFiles])],
  };
};

const addRecipe = async (
  loaded: LoadedRecipe,
  made: MadeInputs,
  nth: number,
  found: Collecting,
): Promise<BundledRecipe[]> => {
  const { recipe, path, folder, frozen } = loaded;
  if (frozen === undefined) throw new Error(`${path} has no lock`);
  const home = `recipe/${nth}`;
  const own = join(home, basename(path));
  add(found, own, 'recipe', Buffer.from(loaded.text));
  if (nth === 0) add(found, `${own}.lock`, 'lock', await readFile(frozen.where));
  const places = placesIn(folder, home);
  const moved: Record<string, string> = {};
  for (const file of await namedFiles(loaded)) {
    if (isSecretFile(file) && !found.withSecrets) continue;
    await addNamed(file, places, moved, found);
  }
  await addOrigin(loaded, made, places, moved, found);
  const secretFiles = await addSecrets(loaded, places, moved, found);
  const mirrors = await addMirrors(loaded, found);
  await addArchive(frozen.build, found);
  const below = parentOf(recipe.origin);
  const parents =
    below === undefined || loaded.parent === undefined || made.below === undefined
      ? []
      : await addRecipe(loaded.parent, made.below, nth + 1, found);
  if (below !== undefined && parents[0] !== undefined) moved[below.recipe] = parents[0].path;
  const variables = Object.fromEntries(Object.entries(loaded.variables).map(([name, value]) => [name, String(value)]));
  return [{ path: own, variables, moved, secretFiles, ...(mirrors === undefined ? {} : { mirrors }) }, ...parents];
};

/** The key that signs added packages is private, though no value of the recipe. */
const isSecretFile = ({ at }: Pick<NamedFile, 'at'>): boolean => at.endsWith('media.signingKey');

/** Where a path of the recipe lies in the bundle, and whether that has to be said. */
type Places = (named: string, root: string) => { readonly path: string; readonly isMoved: boolean };

const placesIn = (folder: string, home: string): Places => {
  const elsewhere = new Map<string, number>();
  return (named, root) => {
    const below = relative(folder, root);
    const isInside = !below.startsWith('..') && !below.startsWith(sep);
    if (isInside) return { path: join(home, below), isMoved: named.startsWith('/') || named.startsWith('~/') };
    const nth = elsewhere.get(root) ?? elsewhere.size;
    elsewhere.set(root, nth);
    return { path: `${home}-elsewhere/${nth}/${basename(root)}`, isMoved: true };
  };
};

const addNamed = async (
  file: NamedFile,
  places: Places,
  moved: Record<string, string>,
  found: Collecting,
): Promise<void> => {
  const { named, root, below, reference, kind, mode, target } = file;
  // A pattern stands for files in one folder.
  const isPattern = file.at.endsWith('.deb') && reference !== named;
  const { path: place, isMoved } = isPattern ? inFolder(places, file) : places(named, root);
  if (isMoved) moved[reference] = referencePlace(file, place, isPattern);
  const path = join(place, below);
  if (kind === 'link') return addLink(path, target ?? '', file, found);
  if (kind === 'folder') return void found.folders.set(path, { path, mode });
  found.entries.set(path, {
    path,
    size: file.size,
    sha256: file.sha256,
    what: isSecretFile(file) ? 'secret' : 'file',
    mode,
  });
  found.contents.set(file.sha256, join(root, below));
};

const inFolder = (places: Places, { named, root }: NamedFile): ReturnType<Places> => {
  const { path, isMoved } = places(dirname(named), dirname(root));
  return { path: join(path, basename(root)), isMoved };
};

/** Of a playbook or policy its folder is taken, and of a pattern what it stands for: the recipe names something in it. */
const referencePlace = ({ at, reference }: NamedFile, place: string, isPattern: boolean): string => {
  if (isPattern) return join(dirname(place), basename(reference));
  return at.endsWith('.playbook') || /(^|\.)policy\[\d+\]$/.test(at) ? join(place, basename(reference)) : place;
};

/** A link that leads out of its tree is for the guest only where it is copied as a link; it is never followed. */
const addLink = (path: string, target: string, file: NamedFile, found: Collecting): void => {
  const leadsOut = target.startsWith('/') || relative('.', join(dirname(file.below), target)).startsWith('..');
  if (file.below !== '' && (!leadsOut || file.at.endsWith('copy.from')))
    return void found.links.set(path, { path, target });
  throw new IngotError('bundle.link-leads-out', `${path} is a link to ${target}, which the bundle does not have`, {
    where: join(file.root, file.below),
    detail: file.at,
    hint: 'Put the file itself there.',
  });
};

const add = (found: Collecting, path: string, what: Bundled, content: Uint8Array): void => {
  const digest = sha256(content);
  found.entries.set(path, { path, size: content.length, sha256: digest, what });
  found.contents.set(digest, content);
};

const addOrigin = async (
  { recipe: { origin }, folder }: LoadedRecipe,
  { file }: MadeInputs,
  places: Places,
  moved: Record<string, string>,
  found: Collecting,
): Promise<void> => {
  if (file === undefined) return;
  const what = isIso(origin) ? 'iso' : 'image';
  const address = isIso(origin) ? origin.iso : isImage(origin) && typeof origin.image === 'string' ? origin.image : '';
  const { sha256: digest } = file;
  const local = isUrl(address) ? undefined : hostFile(folder, address);
  const from =
    local ?? join(found.shared(what === 'iso' ? 'isos' : 'images'), `${digest}.${what === 'iso' ? 'iso' : 'image'}`);
  const size = (await stat(from)).size;
  // One from the web is found in the store by its digest, one of the host at its path.
  const place = local === undefined ? { path: `${what}/${digest}`, isMoved: false } : places(address, local);
  if (place.isMoved) moved[address] = place.path;
  found.entries.set(place.path, { path: place.path, size, sha256: digest, what });
  found.contents.set(digest, from);
};

/** Values of the environment cannot be packed: they are named. */
const addSecrets = async (
  { recipe, folder }: LoadedRecipe,
  places: Places,
  moved: Record<string, string>,
  found: Collecting,
): Promise<string[]> => {
  for (const reference of secretReferences(recipe, folder))
    if ('env' in reference) found.secrets.add(`env ${reference.env}`);
  const own = secretUses(recipe).flatMap(({ reference }) => ('file' in reference ? [reference.file] : []));
  const signingKey = recipe.media.signingKey === undefined ? [] : [recipe.media.signingKey];
  const named = [...new Set([...own, ...(found.withSecrets ? [] : signingKey)])];
  if (!found.withSecrets) {
    for (const file of named) found.secrets.add(`file ${file}`);
    return named;
  }
  for (const file of named) {
    const root = hostFile(folder, file);
    const { path, isMoved } = places(file, root);
    if (isMoved) moved[file] = path;
    const digest = await sha256File(root);
    found.entries.set(path, { path, size: (await stat(root)).size, sha256: digest, what: 'secret', mode: 0o600 });
    found.contents.set(digest, root);
  }
  return [];
};

/** Addresses and keys as this host has them: elsewhere apt says something else, or nothing. */
const addMirrors = async (loaded: LoadedRecipe, found: Collecting): Promise<BundledRecipe['mirrors']> => {
  const { origin } = loaded.recipe;
  const isNeeded = isAssembled(origin) || (await systemMirrors(loaded)) !== undefined;
  if (!isNeeded) return undefined;
  const { urls, keys } = await mirrorsOf(loaded, isAssembled(origin) ? origin : {});
  const paths = (await keyFiles(keys)).map((content) => {
    const path = `keys/${sha256(content)}`;
    add(found, path, 'keyring', content);
    return path;
  });
  return { urls, keys: paths };
};

const addArchive = async ({ archive, added }: LockedBuild, found: Collecting): Promise<void> => {
  const addBlob = async (what: Bundled, path: string, identity: { readonly size: number; readonly sha256: string }) => {
    const { size, sha256: digest } = identity;
    if ([...found.contents.keys()].includes(digest) && what === 'package') return;
    found.entries.set(path, { path, size, sha256: digest, what });
    found.contents.set(digest, await found.packages.checked(identity, path));
  };
  if (archive !== undefined) {
    for (const { suite, filename, otherwise = filename, ...identity } of indexFiles(archive))
      await addBlob('index', `archive/${suite}/${otherwise}`, identity);
    for (const { suite, filename, ...identity } of packageFiles(archive))
      await addBlob('package', `archive/${suite}/${filename}`, identity);
  }
  for (const { file, ...identity } of added?.packages ?? []) await addBlob('package', `added/${file}`, identity);
};
