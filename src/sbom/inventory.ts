/**
 * What is in an image, as a bill of materials needs it: read out of the disk once, when it is captured, and written down in one of
 * the common forms when it is delivered.
 */
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { licenceStatement, licenceText } from './licence.ts';

/** Goes up with every change of the shape or of what is read: a stored one is made again, not misread. */
export const INVENTORY_FORMAT = 1;

const packageSchema = z.strictObject({
  /** Which package manager has it; its name in a package URL. */
  kind: z.enum(['deb', 'rpm']),
  name: z.string(),
  /** As the package manager writes it, with its epoch. */
  version: z.string(),
  architecture: z.string(),
  source: z.string(),
  sourceVersion: z.string(),
  purl: z.string(),
  /** Who made the package: `Name <address>`. */
  supplier: z.string().optional(),
  homepage: z.string().optional(),
  licences: z.array(licenceStatement),
  /** Of the archive that it came in, where it is known. */
  sha256: z.string().optional(),
  /** There for itself: somebody asked for it, or every system has it. */
  isRoot: z.boolean(),
  /** Package URLs of the installed packages that satisfy what it depends on. */
  dependsOn: z.array(z.string()),
});

const fileSchema = z.strictObject({
  path: z.string(),
  size: z.number(),
  /** Absent for a file that is not for everybody to read: a digest of a short secret gives it away. */
  sha256: z.string().optional(),
});

export const inventorySchema = z.strictObject({
  format: z.literal(INVENTORY_FORMAT),
  /** Of os-release(5). */
  system: z.strictObject({ id: z.string(), version: z.string().optional(), name: z.string() }),
  /** By package URL. */
  packages: z.array(packageSchema),
  /** Those that no package owns, and that nothing is known to make; by path. */
  files: z.array(fileSchema),
  /** By id. */
  licenceTexts: z.array(licenceText),
});

export type Inventory = z.output<typeof inventorySchema>;
export type InventoryPackage = Inventory['packages'][number];

export const inventoryText = (inventory: Inventory): string => `${canonicalJson(inventory)}\n`;

/** What was stored by `inventoryText`; its digest was checked before, so anything else is a fault of our own. */
export const parseInventory = (text: string): Inventory => inventorySchema.parse(JSON.parse(text));
