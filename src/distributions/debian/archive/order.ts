/**
 * In which order the base system can be unpacked and configured: stage 0 is what is required, and all that a package
 * pre-depends on (Debian Policy 7.2) is in an earlier stage than the package. Every other package is as late as it
 * can be, so that most are configured in one go.
 */
import type { PackageEntry } from './package-index.ts';
import { buildGraph } from './relations.ts';

/** Name to stage number; the stages have no gaps. */
export const installationStages = (packages: readonly PackageEntry[]): Map<string, number> => {
  const graph = buildGraph(packages);
  const first = graph.closure(packages.filter(isRequired).map(({ name }) => name));
  const rest = packages.map(({ name }) => name).filter((name) => !first.has(name));
  const before = new Map(
    rest.map((name) => [
      name,
      [...graph.closure(graph.needs(name, 'pre-depends'))].filter((other) => !first.has(other) && other !== name),
    ]),
  );
  const stepsToLast = new Map(rest.map((name) => [name, 0]));
  // As many rounds as there are packages at most: a chain cannot be longer, a circle does not go on for ever.
  for (let round = 0, changed = true; changed && round < rest.length; round++) {
    changed = false;
    for (const [name, earlier] of before) {
      const steps = (stepsToLast.get(name) ?? 0) + 1;
      for (const other of earlier) {
        if ((stepsToLast.get(other) ?? 0) >= steps) continue;
        stepsToLast.set(other, steps);
        changed = true;
      }
    }
  }
  const levels = [...new Set(stepsToLast.values())].sort((a, b) => b - a);
  const stages = new Map([...first].map((name) => [name, 0]));
  for (const [name, steps] of stepsToLast) stages.set(name, levels.indexOf(steps) + 1);
  return stages;
};

const isRequired = (entry: PackageEntry): boolean =>
  entry.fields.get('priority') === 'required' || entry.fields.get('essential') === 'yes';
