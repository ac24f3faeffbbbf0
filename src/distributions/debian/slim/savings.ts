/** What each strip would save in an image that is read from outside: an estimate, each by itself. */
import type { Saving } from '../../../inspect/budget.ts';
import { type PackageGraph, packageGraph } from '../../../inspect/package-graph.ts';
import { removalOf, unneededIn } from '../../../inspect/removal.ts';
import type { Subject } from '../../../inspect/subject.ts';
import { hasCloudKernel, newestKernel } from './kernels.ts';
import { keptPatterns, LOCALE_FILES, languagesIn, pathPattern } from './path-patterns.ts';
import { whyForMachine } from './protected.ts';
import type { StripUnit, StripWork } from './strip.ts';
import { STRIP_UNITS } from './strips.ts';
import { packagesOf } from './targets.ts';

export const savingsIn = async (subject: Subject): Promise<Saving[]> => {
  const texts = await Promise.all(LOCALE_FILES.map((path) => subject.files.text(path)));
  const languages = languagesIn(texts.join('\n'));
  const graph = subject.database && packageGraph(subject.database);
  return STRIP_UNITS.flatMap((unit) => {
    const { work } = unit;
    const saving =
      work.kind === 'files'
        ? { packages: [], size: sizeOfFiles(subject, work, languages) }
        : graph && savingOf(graph, unit, work);
    return saving === undefined || saving.size <= 0 ? [] : [{ strip: unit.name, ...saving }];
  });
};

/** What blocks take is counted; a file with two names once. */
const sizeOfFiles = (
  { tree }: Pick<Subject, 'tree'>,
  work: Extract<StripWork, { readonly kind: 'files' }>,
  languages: readonly string[],
): number => {
  const gone = work.paths.map(pathPattern);
  const kept = keptPatterns(work, languages).map(pathPattern);
  const seen = new Set<string>();
  let size = 0;
  for (const { path, type, identity, allocated } of tree.values()) {
    if (type === 'folder' || seen.has(identity)) continue;
    if (!gone.some((pattern) => pattern.test(path)) || kept.some((pattern) => pattern.test(path))) continue;
    seen.add(identity);
    size += allocated;
  }
  return size;
};

/** What the kernel for clouds takes, bytes: of Debian 12 (6.1), as its package states it. */
const CLOUD_KERNEL_SIZE = 106_000_000;

const savingOf = (graph: PackageGraph, unit: StripUnit, work: StripWork): Omit<Saving, 'strip'> => {
  const all = [...graph.packages.keys()];
  const sizeOf = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (graph.packages.get(name)?.size ?? 0), 0);
  if (work.kind === 'unneeded') {
    const packages = unneededIn(graph, (name) => whyForMachine(name) !== undefined, work.recommended);
    return { packages, size: sizeOf(packages) };
  }
  const named = packagesOf(unit, all, newestKernel(all) ?? '').filter((name) => whyForMachine(name) === undefined);
  if (work.kind === 'cloud-kernel')
    return { packages: named, size: sizeOf(named) - (hasCloudKernel(all) ? 0 : CLOUD_KERNEL_SIZE) };
  const packages = [...new Set(named.flatMap((name) => [name, ...removalOf(graph, name).breaks]))];
  return { packages, size: sizeOf(packages) };
};
