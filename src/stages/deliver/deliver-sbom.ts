/** The bills of materials beside the images: the disk's inventory, with what the lock and the medium know of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../capture/manifest.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import { sha256, writeFileWhole } from '../../host/files.ts';
import { ingotVersion } from '../../host/project.ts';
import type { SbomForm } from '../../recipe/schema.ts';
import type { Bill } from '../../sbom/bill.ts';
import { factsOf } from '../../sbom/build-facts.ts';
import { billName, billText } from '../../sbom/forms.ts';
import { type Inventory, parseInventory } from '../../sbom/inventory.ts';
import { sourceDate } from '../../sbom/source-date.ts';
import type { Captured } from '../capture/captured.ts';
import type { PackageRepository } from '../origin/package-repository.ts';

interface BillInput {
  readonly manifest: Manifest;
  readonly captured: Captured;
  readonly origin: { readonly lock: Lock | undefined; readonly added: PackageRepository | undefined };
}

/** Into `folder`; returns what the manifest says of them. */
export const deliverBills = async (
  forms: readonly SbomForm[],
  input: BillInput,
  folder: string,
): Promise<NonNullable<Manifest['sbom']>> => {
  const { captured, manifest } = input;
  if (captured.inventory === undefined) return [];
  const bill = billOf(parseInventory(await readFile(captured.inventory.path, 'utf8')), input);
  return Promise.all(
    forms.map(async (format) => {
      const file = billName(format, manifest.name);
      const text = billText(format, bill);
      await writeFileWhole(join(folder, file), text);
      return { file, format, sha256: sha256(text) };
    }),
  );
};

const billOf = (inventory: Inventory, { manifest, origin: { lock, added } }: BillInput): Bill => {
  const archives = new Map(
    [...(lock?.debs ?? []), ...(added?.packages ?? [])].map((one) => [
      keyOf(one.name, one.version, one.arch),
      one.sha256,
    ]),
  );
  const components = lock && [...lock.udebs, ...lock.parts];
  return {
    ...factsOf(manifest, components),
    created: sourceDate(process.env) ?? manifest.created,
    ingot: ingotVersion(),
    inventory: {
      ...inventory,
      packages: inventory.packages.map((one) => {
        const known = archives.get(keyOf(one.name, one.version, one.architecture)) ?? one.sha256;
        return known === undefined ? one : { ...one, sha256: known };
      }),
    },
  };
};

const keyOf = (name: string, version: string, arch: string): string => `${name} ${version} ${arch}`;
