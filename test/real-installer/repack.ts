/**
 * Udebs that the mirror lacks, put together from ordinary packages of the same source. Those are built with more
 * libraries than the installer's own: what a program needs beyond the udebs it depends on comes along with it.
 */
import { copyFile, glob, lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { parseRelations } from '../../src/distributions/debian/archive/relations.ts';
import type { Stanza } from '../../src/formats/packages/deb822.ts';
import { linkageOf } from './elf.ts';
import { Incomplete, type Missing } from './incomplete.ts';
import { made } from './made.ts';
import type { Recipes, Take } from './recipes.ts';
import { describeUdeb, packUdeb, renderControl, type Udeb, udebFileName, writeControl } from './udeb.ts';
import { filesOf, inParallel, unpackedDeb } from './unpack.ts';
import type { Workshop } from './workshop.ts';

export interface Provided {
  /** Names of the libraries in the netboot initrd. */
  readonly initrd: ReadonlySet<string>;
  /** Which udeb of the mirror has a library. */
  readonly udebs: ReadonlyMap<string, string>;
}

export interface Repacked {
  readonly udebs: readonly Udeb[];
  readonly failed: readonly Missing[];
}

interface Work {
  readonly entry: PackageEntry;
  readonly debs: readonly PackageEntry[];
  readonly take: readonly Take[];
}

/** `wanted` are the index's entries of udebs that the mirror lacks; those without a recipe are passed over. */
export const repackUdebs = async (
  workshop: Workshop,
  wanted: readonly PackageEntry[],
  recipes: Recipes,
  provided: Provided,
): Promise<Repacked> => {
  const failed: Missing[] = [];
  const works: Work[] = [];
  for (const entry of wanted) {
    const take = recipes[entry.name];
    if (take === undefined) continue;
    const names = [...new Set(take.map(({ deb }) => deb))];
    const debs = names.flatMap((name) => workshop.debs.find(name).slice(-1));
    const strange = debs.find((deb) => sourceOf(deb.fields).name !== sourceOf(entry.fields).name);
    if (debs.length < names.length) failed.push({ name: entry.name, why: `${names.join(', ')} are not in the index` });
    else if (strange) failed.push({ name: entry.name, why: `${strange.name} is of another source` });
    else works.push({ entry, debs, take });
  }
  const inputs = works.map(({ entry, debs, take }) => [entry.text, debs.map(({ sha256 }) => sha256), take]);
  const name = `repacked-${workshop.release.codename}`;
  const folder = await made(workshop.cache, name, [inputs, [...provided.initrd], [...provided.udebs]], async (to) => {
    if (works.length > 0) workshop.tell(`${works.length} udebs repacked from ordinary packages`);
    const stages = await Promise.all(
      works.map((work) => orMissing(work, () => stage(workshop, join(to, work.entry.name), work))),
    );
    const staged = stages.filter((one) => 'work' in one);
    const all = new Map(provided.udebs);
    for (const { work, origins } of staged)
      for (const path of origins.keys()) if (isLibrary(path)) all.set(basename(path), work.entry.name);
    const finished = await inParallel(staged, (one) =>
      orMissing(one.work, () => finish(workshop, one, { ...provided, udebs: all }, to)),
    );
    const results: Result[] = [...stages.filter((one) => 'why' in one), ...finished];
    await writeFile(join(to, 'results.json'), JSON.stringify(results));
  });
  const results: Result[] = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
  const udebs = await Promise.all(
    results.flatMap((result) =>
      'control' in result
        ? [describeUdeb(join(folder, udebFileName(result.control)), result.control, result.filename, result.from)]
        : [],
    ),
  );
  return { udebs, failed: [...failed, ...results.flatMap((result) => ('why' in result ? [result] : []))] };
};

/** An ordinary package that the mirror lacks costs one udeb, not all. */
const orMissing = async <Made>({ entry }: Work, work: () => Promise<Made>): Promise<Made | Missing> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Incomplete)) throw error;
    return { name: entry.name, why: error.missing.map(({ name, why }) => `${name}: ${why}`).join(', ') };
  }
};

type Result = Missing | { readonly control: string; readonly filename: string; readonly from: string };

/** `acl (2.3.2-2)`, or the package itself when it is named like its source. */
export const sourceOf = (fields: Stanza): { readonly name: string; readonly version: string } => {
  const [, name, version] = /^(\S+)(?:\s+\((.*)\))?$/.exec(fields.get('source') ?? fields.get('package') ?? '') ?? [];
  return { name: name ?? '', version: version ?? fields.get('version') ?? '' };
};

const isLibrary = (path: string): boolean => /(^|\/)lib[^/]*\/.*\.so\.[^/]*$/.test(path);

interface Staged {
  readonly work: Work;
  readonly folder: string;
  /** Path in the udeb to the package that it came from. */
  readonly origins: Map<string, PackageEntry>;
  /** Patterns that nothing fits. */
  readonly empty: readonly string[];
}

const stage = async (workshop: Workshop, folder: string, work: Work): Promise<Staged> => {
  const origins = new Map<string, PackageEntry>();
  const empty: string[] = [];
  await mkdir(folder, { recursive: true });
  for (const { deb, files } of work.take) {
    const entry = work.debs.find(({ name }) => name === deb);
    if (entry === undefined) continue;
    const root = await unpackedDeb(workshop, entry);
    for (const pattern of files) {
      const before = origins.size;
      for await (const path of glob(pattern, { cwd: root })) {
        if ((await lstat(join(root, path))).isDirectory()) continue;
        await copyItem(root, path, folder);
        origins.set(path, entry);
      }
      if (origins.size === before) empty.push(`${deb}: ${pattern}`);
    }
  }
  workshop.context.signal?.throwIfAborted();
  return { work, folder, origins, empty };
};

const copyItem = async (root: string, path: string, folder: string): Promise<void> => {
  const [from, to] = [join(root, path), join(folder, path)];
  await mkdir(dirname(to), { recursive: true });
  if (await lstat(to).catch(() => undefined)) return;
  if ((await lstat(from)).isSymbolicLink()) await symlink(await readlink(from), to);
  else await copyFile(from, to);
};

/** Adds libraries until nothing is lacking, then packs. */
const finish = async (workshop: Workshop, staged: Staged, provided: Provided, to: string): Promise<Result> => {
  const { work, folder, origins, empty } = staged;
  const { entry, debs } = work;
  if (empty.length > 0) return { name: entry.name, why: `nothing is at ${empty.join(', ')}` };
  const depends = new Set<string>();
  const known = parseRelations(entry.fields.get('depends')).flat();
  const added: string[] = [];
  const todo = [...origins.keys()];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const owner = origins.get(path);
    if (owner === undefined || (await lstat(join(folder, path))).isSymbolicLink()) continue;
    for (const name of linkageOf(await readFile(join(folder, path)))?.libraries ?? []) {
      if ([...origins.keys()].some((own) => basename(own) === name) || provided.initrd.has(name)) continue;
      const udeb = provided.udebs.get(name);
      if (udeb !== undefined) {
        if (!known.includes(udeb) && udeb !== entry.name) depends.add(udeb);
        continue;
      }
      const found = await findLibrary(workshop, owner, name);
      if (found === undefined) return { name: entry.name, why: `${path} needs ${name}, which no package has` };
      for (const item of found.paths) {
        await copyItem(found.root, item, folder);
        origins.set(item, found.entry);
        todo.push(item);
      }
      added.push(name);
    }
  }
  const control = renderControl(entry.fields, {
    // The index may be older than the packages.
    Version: debs[0]?.version,
    Source: entry.fields.get('source')?.replace(/ .*/, ''),
    Depends: [entry.fields.get('depends'), ...depends].filter((one) => one !== undefined).join(', '),
    // What its menu item would run is not in the ordinary package.
    'Installer-Menu-Item': undefined,
  });
  await writeControl(folder, control);
  await packUdeb(folder, join(to, udebFileName(control)), 'small');
  await rm(folder, { recursive: true });
  const from = [...debs.map(({ name, version }) => `${name} ${version}`), ...added.map((name) => `with ${name}`)];
  return { control, filename: join(dirname(entry.filename), udebFileName(control)), from: from.join(', ') };
};

/** Looks for a library in the packages that its user's package depends on: the file, and the link to it. */
const findLibrary = async (workshop: Workshop, owner: PackageEntry, library: string) => {
  const names = ['depends', 'pre-depends'].flatMap((field) => parseRelations(owner.fields.get(field)).flat());
  for (const name of [owner.name, ...names]) {
    const entry = workshop.debs.find(name).at(-1);
    if (entry === undefined) continue;
    const root = await unpackedDeb(workshop, entry);
    const link = (await filesOf(root)).find(({ path }) => basename(path) === library);
    if (link === undefined) continue;
    const target = link.isLink ? join(dirname(link.path), await readlink(join(root, link.path))) : link.path;
    return { entry, root, paths: [...new Set([link.path, target])] };
  }
  return undefined;
};
