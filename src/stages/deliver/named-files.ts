/** Every file on this host that a recipe names, with what lies in named folders, by digest; secrets are left out. */
import { dirname, join, relative } from 'node:path';
import type { ResourceDescriptor } from '../../attest/statement.ts';
import { sha256, sha256File } from '../../host/files.ts';
import { lookAt } from '../../host/look-at.ts';
import { projectFolder } from '../../host/project.ts';
import { hostFile, hostFileReferences } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { secretReferences } from '../../recipe/secrets/secrets.ts';

interface Found {
  readonly path: string;
  readonly sha256: string;
  readonly link?: string;
}

/** Not an ISO or an image: the origin says what it is. Not a private key: its digest is of no use to others. */
const ELSEWHERE = /^(origin\.(iso|image)|media\.signingKey)$/;

export const namedFiles = async (loaded: LoadedRecipe): Promise<ResourceDescriptor[]> => {
  const { recipe, folder } = loaded;
  const secrets = new Set(secretReferences(recipe, folder).flatMap((one) => ('file' in one ? [one.file] : [])));
  const found = new Map<string, ResourceDescriptor>();
  for (const { path, file, kind } of hostFileReferences(recipe)) {
    const place = path.join('.');
    if (ELSEWHERE.test(place) || place.startsWith('origin.image')) continue;
    const start = hostFile(folder, file);
    // A playbook may use all that lies beside it.
    const isPlaybook = place.endsWith('ansible.playbook');
    const isTree = kind === 'file or folder' || isPlaybook;
    const root = isPlaybook ? dirname(start) : start;
    const isFollowed = (one: string): boolean => one === root || one === start;
    const files = await filesOf(root, { recipe: isTree ? loaded.path : undefined, isFollowed });
    for (const one of files) {
      if (secrets.has(one.path)) continue;
      const name = shown(folder, one.path);
      const annotations = { for: place, ...(one.link === undefined ? {} : { link: one.link }) };
      found.set(name, { name, digest: { sha256: one.sha256 }, annotations });
    }
  }
  return [...found.values()];
};

/** Relative to the recipe; of what lies elsewhere only the name, since a path tells of the host. */
const shown = (folder: string, path: string): string => {
  const near = relative(folder, path);
  return near.startsWith('..') ? path.slice(path.lastIndexOf('/') + 1) : near;
};

/** All files of a file or folder by their names; version control, a recipe beside a playbook and what Ingot delivered are no part of it. */
const filesOf = async (path: string, { recipe, isFollowed = (one) => one === path }: Walk = {}): Promise<Found[]> => {
  const { kind, names, target } = await lookAt(path, isFollowed(path) ? 'followed' : 'kept');
  if (kind === 'link') return [{ path, link: target, sha256: sha256(target) }];
  if (kind === 'file') return path === recipe ? [] : [{ path, sha256: await sha256File(path) }];
  if (names.includes('manifest.json') && names.includes('SHA256SUMS')) return [];
  const all: Found[] = [];
  for (const name of names) all.push(...(await filesOf(join(path, name), { recipe, isFollowed })));
  return all;
};

interface Walk {
  /** Left out. */
  readonly recipe?: string | undefined;
  /** What the recipe names itself. */
  readonly isFollowed?: (path: string) => boolean;
}

/** SHA-256 of the lines that sha256sum(1) writes for the files below a folder, sorted by their paths. */
export const folderDigest = async (folder: string, parts: readonly string[] = ['.']): Promise<string> => {
  const files = (await Promise.all(parts.map((part) => filesOf(join(folder, part)).catch(() => [])))).flat();
  const lines = files.map(({ path, sha256: digest }) => `${digest}  ${relative(folder, path)}\n`);
  return sha256(lines.sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)).join(''));
};

/** What of Ingot itself shapes an image: its code, what it puts into guests, and the list of its dependencies' sums. */
const OWN_PARTS = [
  'src',
  'dist',
  'installer',
  'preseed',
  'kickstart',
  'vm',
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
];

export const ingotDigest = (): Promise<string> => folderDigest(projectFolder, OWN_PARTS);
