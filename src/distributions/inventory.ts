/** An image's inventory, with what only the family of its packages knows. */
import type { PackageDatabase } from '../inspect/package-database.ts';
import type { Subject } from '../inspect/subject.ts';
import type { Inventory } from '../sbom/inventory.ts';
import { type PackageKnowledge, takeInventory } from '../sbom/take-inventory.ts';
import { requireDatabase } from './open-subject.ts';

/** Throws `usage.no-packages` for an image whose packages cannot be read: a bill without them would say too little. */
export const inventoryOf = async (subject: Subject, signal?: AbortSignal): Promise<Inventory> => {
  const database = requireDatabase(subject);
  const knowledge = await KNOWLEDGE[database.kind](subject, database);
  const { tree, osRelease } = subject;
  return takeInventory({ tree, osRelease, database, knowledge, signal });
};

type Know = (subject: Subject, database: PackageDatabase) => Promise<PackageKnowledge>;

const KNOWLEDGE: Readonly<Record<PackageDatabase['kind'], Know>> = {
  async deb(subject, { packages }) {
    const { licencesIn } = await import('./debian/system/licences.ts');
    const { archiveDigestsIn } = await import('./debian/system/archive-digests.ts');
    return { licences: licencesIn(subject), archive: await archiveDigestsIn(subject, packages) };
  },
  async rpm() {
    const { rpmLicences } = await import('./rpm/licences.ts');
    // The database has no digest of the file that a package came in, only of what was in it.
    return { licences: rpmLicences, archive: () => undefined };
  },
};
