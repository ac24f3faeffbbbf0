/**
 * The files of the host that a recipe names, each by its digest: step files, playbooks with what lies beside them, templates,
 * keys, content of media, added packages. An ISO or image is not among them: it is an origin, and large.
 */
import { basename, dirname, join, relative, sep } from 'node:path';
import { findDebs } from '../distributions/debian/added/local-debs.ts';
import { sha256File } from '../host/files.ts';
import { lookAt } from '../host/look-at.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { isReady } from '../policy/ready.ts';
import { hostFile, hostFileReferences } from '../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedNamedFile } from '../recipe/schema/lock-schema.ts';
import { type LeftOut, notOf } from '../stages/configure/step-key.ts';

export interface NamedFile {
  /** `configure[0].copy.from`. */
  readonly at: string;
  /** The path as the recipe has it. */
  readonly reference: string;
  /** The same; of a playbook that of its folder, of a pattern that of the file. */
  readonly named: string;
  /** Where that lies on the host. */
  readonly root: string;
  /** Below `root`; empty for a single file. */
  readonly below: string;
  readonly kind: LockedNamedFile['kind'];
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
  /** Of a link. */
  readonly target?: string;
}

/** In the order in which the recipe names them. What lies at several places of it is there for each. */
export const namedFiles = async (loaded: LoadedRecipe): Promise<NamedFile[]> => {
  const own = await ofOne(loaded, '');
  const hosts = await Promise.all(loaded.hosts.map(({ name, loaded: host }) => ofOne(host, `hosts.${name}.`)));
  // A host's recipe is the whole one with its changes: what it has from the recipe is not told again.
  const known = new Set(own.map((file) => `${file.at} ${file.root} ${file.below}`));
  const added = hosts
    .flat()
    .filter(({ at, root, below }) => !known.has(`${at.replace(/^hosts\.[^.]+\./, '')} ${root} ${below}`));
  return [...own, ...added];
};

const ORIGINS = /^origin\.(iso|image)/;

const ofOne = async (loaded: LoadedRecipe, prefix: string): Promise<NamedFile[]> => {
  const { recipe, folder } = loaded;
  const found: NamedFile[] = [];
  for (const { path, file } of hostFileReferences(recipe)) {
    const at = `${prefix}${placeOf(path)}`;
    if (ORIGINS.test(placeOf(path))) continue;
    const isPlaybook = path.at(-1) === 'playbook';
    const root = isPlaybook ? dirname(hostFile(folder, file)) : hostFile(folder, file);
    const named = isPlaybook ? dirname(file) : file;
    const walk: Walk = isPlaybook
      ? { leftOut: notOf(loaded), followed: hostFile(folder, file) }
      : { isForMedium: path[0] === 'media' };
    found.push(...(await tree({ at, reference: file, named, root }, '', walk)));
  }
  for (const [index, extra] of recipe.media.packages.entries()) {
    if (!('deb' in extra)) continue;
    const at = `${prefix}media.packages[${index}].deb`;
    for (const root of await findDebs(hostFile(folder, extra.deb), folder, at))
      found.push(
        ...(await tree({ at, reference: extra.deb, named: join(dirname(extra.deb), basename(root)), root }, '')),
      );
  }
  for (const [index, policy] of recipe.policy.entries())
    found.push(...(await policyFiles(policy, `${prefix}policy[${index}]`, folder)));
  return found;
};

/** A policy includes others, by paths relative to its own. */
const policyFiles = async (policy: string, at: string, folder: string): Promise<NamedFile[]> => {
  if (isReady(policy)) return [];
  const file = hostFile(folder, policy);
  const root = { at, reference: policy, named: dirname(policy), root: dirname(file) };
  const found: NamedFile[] = [];
  for (const path of new Set((await readPolicy(file)).files)) {
    const below = relative(root.root, path);
    const elsewhere = { at, reference: relative(folder, path), named: relative(folder, path), root: path };
    found.push(...(await (below.startsWith('..') ? tree(elsewhere, '') : tree(root, below))));
  }
  return found;
};

const placeOf = (path: readonly (string | number)[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');

type Root = Pick<NamedFile, 'at' | 'reference' | 'named' | 'root'>;

interface Walk {
  readonly leftOut?: LeftOut | undefined;
  /** The path that the recipe names, when it lies below the root. */
  readonly followed?: string;
  /** A medium has links to files as these files. */
  readonly isForMedium?: boolean;
}

/** As the key of a step sees it: without version control data. What the recipe names itself is followed, as the steps do. */
const tree = async (root: Root, start: string, walk: Walk = {}): Promise<NamedFile[]> => {
  const { leftOut, followed = join(root.root, start), isForMedium = false } = walk;
  const walked = async (below: string): Promise<NamedFile[]> => {
    const path = join(root.root, below);
    const isFollowed = below === start || path === followed;
    const seen = await lookAt(path, isFollowed ? 'followed' : isForMedium ? 'followed to files' : 'kept');
    const { kind, mode, size, names, target } = seen;
    if (leftOut?.(path, names)) return [];
    const common = { ...root, below, mode, kind };
    if (kind === 'link') return [{ ...common, size: 0, sha256: '', target }];
    if (kind === 'file') return [{ ...common, size, sha256: await sha256File(path) }];
    const all: NamedFile[] = [];
    for (const name of names) all.push(...(await walked(join(below, name))));
    return names.length === 0 ? [{ ...common, size: 0, sha256: '' }] : all;
  };
  return walked(start);
};

/** What stands in a lock for the folder of an absolute path, which is another one on each host. */
const ELSEWHERE = '…';

/** For the lock: a path that says the same on each host. */
export const shownPath = ({ named, below }: Pick<NamedFile, 'named' | 'below'>): string =>
  join(named.startsWith('/') ? `${ELSEWHERE}/${basename(named)}` : named, below)
    .split(sep)
    .join('/');

/** By what a file is known again: where the recipe names it, and its path unless that is the host's. */
export const identityOf = ({ at, path }: Pick<LockedNamedFile, 'at' | 'path'>): string =>
  `${at} ${path.replace(new RegExp(`^${ELSEWHERE}/[^/]+`), ELSEWHERE)}`;

export const lockedFiles = (files: readonly NamedFile[]): LockedNamedFile[] =>
  files.map((file) => ({
    at: file.at,
    path: shownPath(file),
    kind: file.kind,
    mode: file.mode.toString(8).padStart(3, '0'),
    ...(file.kind === 'file' ? { size: file.size, sha256: file.sha256 } : {}),
    ...(file.target === undefined ? {} : { target: file.target }),
  }));
