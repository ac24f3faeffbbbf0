/** The packages of the medium as the lock has them: installation order, marks, and where other suites have them too. */

import { installationStages } from './order.ts';
import type { PackageEntry, PackageIndex } from './package-index.ts';
import { byName, type LockedDeb, lockPackage } from './package-lock.ts';

export interface Chosen {
  readonly install: readonly PackageEntry[];
  /** The installed ones and those that only lie on the medium. */
  readonly all: readonly PackageEntry[];
  /** Asked for by name. */
  readonly manual: ReadonlySet<string>;
}

export const lockDebs = (index: PackageIndex, { install, all, manual }: Chosen): LockedDeb[] => {
  const stages = installationStages(install);
  const files = new Map([...install, ...all].map((entry) => [`${entry.name} ${entry.version}`, entry]));
  const installed = new Set(install.map((entry) => `${entry.name} ${entry.version}`));
  return [...files]
    .map(([key, entry]): LockedDeb => {
      const mark = manual.has(entry.name) ? 'manual' : 'auto';
      const stage = stages.get(entry.name);
      return {
        ...lockPackage(entry),
        alsoAt: otherPlaces(index, entry),
        stanza: entry.text,
        ...(installed.has(key) && stage !== undefined ? { install: { stage, mark } } : {}),
      };
    })
    .sort(byName);
};

/** A security update that a point release has included is in both suites, under two names and with one digest. */
const otherPlaces = (index: PackageIndex, entry: PackageEntry): string[] => [
  ...new Set(
    index
      .find(entry.name)
      .filter((other) => other.sha256 === entry.sha256 && other.filename !== entry.filename)
      .map((other) => other.filename),
  ),
];
