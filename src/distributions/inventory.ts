/** An image's inventory, with what only the family of its packages knows. */

import type { Subject } from '../inspect/subject.ts';
import type { Inventory } from '../sbom/inventory.ts';
import { takeInventory } from '../sbom/take-inventory.ts';
import { requireDatabase } from './open-subject.ts';

/** Throws `usage.no-packages` for an image whose packages cannot be read: a bill without them would say too little. */
export const inventoryOf = async (subject: Subject, signal?: AbortSignal): Promise<Inventory> => {
  const database = requireDatabase(subject);
  const { licencesIn } = await import('./debian/system/licences.ts');
  const { archiveDigestsIn } = await import('./debian/system/archive-digests.ts');
  const knowledge = {
    licences: licencesIn(subject),
    archive: await archiveDigestsIn(subject, database.packages),
  };
  const { tree, osRelease } = subject;
  return takeInventory({ tree, osRelease, database, knowledge, signal });
};
