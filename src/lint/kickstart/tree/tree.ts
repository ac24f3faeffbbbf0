/** The packages, groups and modules of installation trees, as Anaconda finds their repositories: by .treeinfo. */
import { IngotError } from '../../../errors.ts';
import { parseTreeinfo } from '../../../media/checks/treeinfo.ts';
import { type PackageNames, parseRepomd, readComps, readModules, readPrimary } from './repodata.ts';
import { openTree, type TreePlace, textOf } from './tree-place.ts';

export interface PackageTree extends PackageNames {
  /** Identifiers and names in small letters. */
  readonly groups: Set<string>;
  readonly environments: Set<string>;
  readonly modules: Map<string, Set<string>>;
  /** Names of the repositories in small letters: `baseos`, `appstream`. */
  readonly repositories: Set<string>;
}

/** All trees together. Throws `usage.tree` when one of them has no repository. */
export const readTrees = async (names: readonly string[]): Promise<PackageTree> => {
  const tree: PackageTree = {
    names: new Set(),
    provides: new Set(),
    groups: new Set(),
    environments: new Set(),
    modules: new Map(),
    repositories: new Set(),
  };
  for (const name of names) {
    const place = await openTree(name);
    let found = 0;
    for (const [folder, variant] of await repositoriesOf(place))
      if (await addRepository(place, folder, variant, tree)) found++;
    if (found === 0)
      throw new IngotError('usage.tree', 'there is no repository in this tree (no repodata/repomd.xml)', {
        where: name,
        hint: 'Give the folder that has repodata, an install ISO with packages, or https://…/BaseOS/x86_64/os.',
      });
  }
  return tree;
};

/** Folders by their path, with a slash at the end, and the names that a kickstart file may give them. */
const repositoriesOf = async (place: TreePlace): Promise<ReadonlyMap<string, string>> => {
  const folders = new Map<string, string>();
  const add = (path: string, name: string) => {
    const folder = path === '' || path === '.' ? '' : `${path.replace(/\/+$/, '')}/`;
    if (!folders.has(folder)) folders.set(folder, name.toLowerCase());
  };
  const treeinfo = (await textOf(place, '.treeinfo')) ?? (await textOf(place, 'treeinfo'));
  for (const [section, values] of parseTreeinfo(treeinfo ?? '')) {
    const repository = values.get('repository');
    if (/^variant-/.test(section) && repository !== undefined) add(repository, values.get('id') ?? section.slice(8));
  }
  for (const folder of await place.folders()) add(folder, folder.split('/').findLast((part) => part !== '') ?? '');
  return folders;
};

const addRepository = async (place: TreePlace, folder: string, name: string, tree: PackageTree): Promise<boolean> => {
  const repomd = await textOf(place, `${folder}repodata/repomd.xml`);
  if (repomd === undefined) return false;
  if (name !== '') tree.repositories.add(name);
  const data = parseRepomd(repomd);
  const open = async (...types: readonly string[]) => {
    const type = types.find((one) => data.has(one));
    const path = type === undefined ? undefined : data.get(type);
    return path === undefined ? undefined : place.read(`${folder}${path}`);
  };
  const primary = await open('primary');
  if (primary) await readPrimary(primary, tree);
  const comps = await open('group', 'group_gz', 'group_xz', 'group_zst');
  if (comps) {
    const { groups, environments } = await readComps(comps);
    for (const group of groups) tree.groups.add(group);
    for (const environment of environments) tree.environments.add(environment);
  }
  const modules = await open('modules');
  if (modules)
    for (const [module, streams] of await readModules(modules))
      tree.modules.set(module, new Set([...(tree.modules.get(module) ?? []), ...streams]));
  return true;
};
