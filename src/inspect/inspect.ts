/** All that is shown about an image: the shape of `ingot inspect --json`, which docs/inspect.md states. */
import { type AccountFacts, accountFacts } from './accounts.ts';
import type { Saving } from './budget.ts';
import { causesIn } from './causes.ts';
import { type DiskFacts, diskFacts } from './disk.ts';
import type { PackageRecord, PackageSource } from './package-database.ts';
import { type Need, packageGraph } from './package-graph.ts';
import { type Privileged, privilegedIn } from './privileged.ts';
import { type SizeReason, sizeReasons } from './size.ts';
import type { Subject } from './subject.ts';
import { type SystemFacts, systemFacts } from './system.ts';
import { type UnitFacts, unitFacts } from './units.ts';
import { type Unowned, unownedIn } from './unowned.ts';

/** Raised when a field is taken away or means something else; new ones may come at any time. */
export const INSPECTION_VERSION = 1;

/** Its file in the folder of a run. */
export const INSPECTION = 'inspection.json';

export interface InspectedPackage
  extends Omit<PackageRecord, 'files' | 'relations' | 'provides' | 'configuration' | 'configurationDigests'> {
  readonly neededBy: readonly Need[];
}

export interface Inspection {
  readonly version: typeof INSPECTION_VERSION;
  readonly image: string;
  readonly system: SystemFacts;
  readonly disk: DiskFacts;
  /** Undefined where the image has no package database that can be read, with the reason next to it. */
  readonly packages: readonly InspectedPackage[] | undefined;
  readonly packagesUnread: string | undefined;
  readonly sources: readonly PackageSource[];
  readonly files: { readonly count: number; readonly folders: number; readonly size: number };
  /** The largest first. */
  readonly size: readonly SizeReason[];
  readonly accounts: AccountFacts;
  readonly units: UnitFacts;
  readonly privileged: readonly Privileged[];
  /** Undefined without a package database: nothing is known about them. */
  readonly unowned: Unowned | undefined;
  /** About, and each for itself. */
  readonly strips: readonly Saving[];
}

/** `strips`: what each would save, as whoever knows the system's family estimates it. */
export const inspect = async (subject: Subject, strips: readonly Saving[] = []): Promise<Inspection> => {
  const { disk, files, tree, database, noDatabase } = subject;
  const causes = causesIn(tree, database);
  const reasons = sizeReasons(tree, causes);
  const folders = [...tree.values()].filter(({ type }) => type === 'folder').length;
  return {
    version: INSPECTION_VERSION,
    image: disk.image,
    system: await systemFacts(subject),
    disk: diskFacts(subject),
    packages: database && inspectedPackages(database),
    packagesUnread: noDatabase,
    sources: database?.sources ?? [],
    files: { count: tree.size - folders, folders, size: reasons.reduce((sum, { size }) => sum + size, 0) },
    size: reasons,
    accounts: await accountFacts(files),
    units: await unitFacts(subject),
    privileged: privilegedIn(tree, causes),
    unowned: database && unownedIn(tree, causes),
    strips,
  };
};

const inspectedPackages = (database: Parameters<typeof packageGraph>[0]): InspectedPackage[] => {
  const graph = packageGraph(database);
  return database.packages.map((one) => {
    const { name, version, architecture, source, sourceVersion, size, manual, essential } = one;
    const { maintainer, homepage, licence, held } = one;
    return {
      ...{ name, version, architecture, source, sourceVersion, size, manual, essential },
      ...(held === undefined ? {} : { held }),
      ...(maintainer === undefined ? {} : { maintainer }),
      ...(homepage === undefined ? {} : { homepage }),
      ...(licence === undefined ? {} : { licence }),
      neededBy: graph.neededBy(name),
    };
  });
};
