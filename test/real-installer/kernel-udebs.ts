/**
 * The module udebs of the netboot kernel, when the mirror lacks them: the same files as in the udebs of a kernel that
 * the mirror has, taken from the ordinary package of the netboot kernel.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseRelations } from '../../src/distributions/debian/archive/relations.ts';
import { run } from '../../src/host/run.ts';
import { made } from './made.ts';
import { describeUdeb, packUdeb, renderControl, type Udeb, udebFileName, writeControl } from './udeb.ts';
import { filesOf, inParallel, unpacked, unpackedDeb } from './unpack.ts';
import type { Workshop } from './workshop.ts';

type WithFields = Pick<Udeb, 'fields'>;

/** Release of the kernel that a udeb belongs to. */
export const kernelOf = ({ fields }: WithFields): string | undefined => fields.get('kernel-version');

/** The newest kernel with all of its udebs, by the number that each kernel has. */
export const completeKernel = (udebs: readonly WithFields[], gone: readonly WithFields[]): string | undefined => {
  const releases = new Set(udebs.flatMap((udeb) => kernelOf(udeb) ?? []));
  for (const udeb of gone) releases.delete(kernelOf(udeb) ?? '');
  return [...releases].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
};

/** The kernel with the most udebs: what its udebs hold is the pattern for another's. */
export const bestKernel = (udebs: readonly WithFields[]): string | undefined => {
  const counts = new Map<string, number>();
  for (const kernel of udebs.flatMap((udeb) => kernelOf(udeb) ?? [])) counts.set(kernel, (counts.get(kernel) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => a - b).at(-1)?.[0];
};

/** `like` are the udebs of another kernel. Undefined when the archive has no package of the kernel. */
export const kernelUdebs = async (
  workshop: Workshop,
  kernelRelease: string,
  like: readonly Udeb[],
): Promise<readonly Udeb[] | undefined> => {
  const { cache, debs } = workshop;
  const image = debs.find(`linux-image-${kernelRelease}`).at(-1);
  const [first] = like;
  const other = first && kernelOf(first);
  if (image === undefined || first === undefined || other === undefined) return undefined;
  const inputs = [image.sha256, like.map(({ sha256 }) => sha256)];
  const folder = await made(cache, `modules-${kernelRelease}`, inputs, async (to) => {
    workshop.tell(`${like.length} udebs of the kernel ${kernelRelease}, after those of ${other}`);
    const root = await unpackedDeb(workshop, image);
    const kernel = await readKernel(root, kernelRelease, to);
    const shapes = await Promise.all(like.map((udeb) => shapeOf(workshop, udeb, kernelRelease, other, kernel)));
    completeShapes(shapes, kernel);
    const results = await inParallel(shapes, (shape) => pack(shape, kernel, image.version, to));
    await writeFile(join(to, 'results.json'), JSON.stringify(results));
  });
  const results: { control: string; from: string }[] = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'));
  const pool = dirname(first.filename);
  return await Promise.all(
    results.map(({ control, from }) =>
      describeUdeb(join(folder, udebFileName(control)), control, join(pool, udebFileName(control)), from),
    ),
  );
};

interface Kernel {
  readonly root: string;
  readonly release: string;
  /** Path below the root by name: `ext4.ko.xz`. */
  readonly modules: ReadonlyMap<string, string>;
  /** Names of the modules that one needs. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Modules that are part of the kernel itself. */
  readonly builtin: ReadonlySet<string>;
}

const bare = (name: string): string =>
  basename(name)
    .replace(/\.ko(\.[a-z]+)?$/, '')
    .replaceAll('-', '_');

const readKernel = async (root: string, release: string, work: string): Promise<Kernel> => {
  const items = (await filesOf(root)).filter(({ path }) => /\.ko(\.[a-z]+)?$/.test(path));
  const modules = new Map(items.map(({ path }) => [bare(path), path]));
  const folder = items[0]?.path.slice(0, items[0].path.indexOf(release)) ?? '';
  // depmod wants them where it looks for them, and writes beside them.
  const place = join(work, 'depmod', 'lib/modules', release);
  for (const { path } of items) {
    const to = join(place, path.slice(folder.length + release.length + 1));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(join(root, path), to);
  }
  const builtin = await readFile(join(root, folder, release, 'modules.builtin'), 'utf8');
  for (const name of ['modules.builtin', 'modules.order'])
    await copyFile(join(root, folder, release, name), join(place, name));
  await run('depmod', ['--basedir', join(work, 'depmod'), release], { hint: 'Install kmod.' });
  const dependencies = await readFile(join(place, 'modules.dep'), 'utf8');
  await rm(join(work, 'depmod'), { recursive: true });
  const needs = dependencies
    .split('\n')
    .map((line) => line.split(':'))
    .map(([module = '', needed = '']) => [bare(module), needed.split(' ').filter(Boolean).map(bare)] as const);
  return {
    ...{ root, release, modules },
    needs: new Map(needs),
    builtin: new Set(builtin.split('\n').filter(Boolean).map(bare)),
  };
};

interface Shape {
  readonly name: string;
  readonly udeb: Udeb;
  readonly depends: readonly string[];
  readonly modules: Set<string>;
  /** Other files of the kernel: vmlinuz, modules.builtin. */
  readonly others: readonly string[];
  /** Modules that the newer kernel does not have any more, and those that came to others. */
  readonly gone: string[];
  readonly added: string[];
  readonly rename: (text: string) => string;
}

const shapeOf = async (
  { cache, context }: Workshop,
  udeb: Udeb,
  release: string,
  other: string,
  kernel: Kernel,
): Promise<Shape> => {
  const rename = (text: string): string => text.replaceAll(other, release);
  const items = await filesOf(await unpacked({ cache, signal: context.signal }, udeb));
  const isModule = ({ path }: { path: string }) => /\.ko(\.[a-z]+)?$/.test(path);
  const names = items.filter(isModule).map(({ path }) => bare(path));
  return {
    name: rename(udeb.name),
    udeb,
    depends: parseRelations(udeb.fields.get('depends')).flat().map(rename),
    modules: new Set(names.filter((name) => kernel.modules.has(name))),
    others: items.filter((item) => !isModule(item)).map(({ path }) => rename(path)),
    gone: names.filter((name) => !kernel.modules.has(name) && !kernel.builtin.has(name)),
    added: [],
    rename,
  };
};

/** A module may need others than it did: those come with it where its udeb and what that depends on lack them. */
const completeShapes = (shapes: readonly Shape[], kernel: Kernel): void => {
  const byName = new Map(shapes.map((shape) => [shape.name, shape]));
  const reach = (shape: Shape, seen = new Set<Shape>()): Set<Shape> => {
    if (seen.has(shape)) return seen;
    seen.add(shape);
    for (const name of shape.depends) {
      const next = byName.get(name);
      if (next !== undefined) reach(next, seen);
    }
    return seen;
  };
  for (const shape of shapes) {
    const there = new Set([...reach(shape)].flatMap(({ modules }) => [...modules]));
    for (const module of [...shape.modules])
      for (const needed of kernel.needs.get(module) ?? []) {
        if (there.has(needed)) continue;
        there.add(needed);
        shape.modules.add(needed);
        shape.added.push(needed);
      }
  }
};

const pack = async (shape: Shape, kernel: Kernel, version: string, to: string) => {
  const folder = join(to, shape.name);
  const put = async (from: string, path: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(join(kernel.root, from), join(folder, path));
  };
  for (const name of shape.modules) {
    const path = kernel.modules.get(name) ?? '';
    await put(path, path.replace(/^usr\//, ''));
  }
  for (const path of shape.others) await put(path.startsWith('lib/') ? await inKernel(kernel, path) : path, path);
  const { fields } = shape.udeb;
  const control = renderControl(fields, {
    Package: shape.name,
    Version: version,
    Source: fields.get('source')?.replace(/ .*/, ''),
    'Kernel-Version': kernel.release,
    Depends: fields.get('depends') && shape.rename(fields.get('depends') ?? ''),
  });
  await writeControl(folder, control);
  await packUdeb(folder, join(to, udebFileName(control)), 'quick');
  await rm(folder, { recursive: true });
  const from = [
    `linux-image-${kernel.release} ${version}`,
    ...(shape.gone.length === 0 ? [] : [`without ${shape.gone.join(' ')}`]),
    ...(shape.added.length === 0 ? [] : [`with ${shape.added.join(' ')}`]),
  ];
  return { control, from: from.join(', ') };
};

/** Below /usr or not, as the ordinary package has it. */
const inKernel = async ({ root }: Kernel, path: string): Promise<string> => {
  const merged = `usr/${path}`;
  return (await readFile(join(root, merged)).catch(() => undefined)) === undefined ? path : merged;
};
