/** The bills of materials beside the images: the disk's inventory, with what the lock, the medium and *trust* know of it. */
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
import { parseRecord, type TrustRecord } from '../../trust/record.ts';
import type { Captured } from '../capture/captured.ts';
import type { PackageRepository } from '../origin/package-repository.ts';
import type { TrustResult } from '../trust/trust-input.ts';

interface BillInput {
  readonly manifest: Manifest;
  readonly captured: Captured;
  readonly trusted: Pick<TrustResult, 'record'>;
  readonly origin: { readonly lock: Lock | undefined; readonly added: PackageRepository | undefined };
}

/** Into `folder`; returns what the manifest says of them. */
export const deliverBills = async (
  forms: readonly SbomForm[],
  input: BillInput,
  folder: string,
): Promise<NonNullable<Manifest['sbom']>> => {
  const { captured, manifest, trusted } = input;
  if (captured.inventory === undefined) return [];
  const record = parseRecord(await readFile(trusted.record.path, 'utf8'));
  const inventory = parseInventory(await readFile(captured.inventory.path, 'utf8'));
  const bill = billOf(inventory, record?.packages ?? [], input);
  return Promise.all(
    forms.map(async (format) => {
      const file = billName(format, manifest.name);
      const text = billText(format, bill);
      await writeFileWhole(join(folder, file), text);
      return { file, format, sha256: sha256(text) };
    }),
  );
};

/** `vouched`: packages that no index of the archive lists, such as those of an install ISO. */
const billOf = (
  inventory: Inventory,
  vouched: NonNullable<TrustRecord['packages']>,
  { manifest, origin: { lock, added } }: BillInput,
): Bill => {
  const archives = new Map(
    [
      ...vouched.map((one) => ({ ...one, arch: one.architecture })),
      ...(lock?.debs ?? []),
      ...(added?.packages ?? []),
    ].map((one) => [keyOf(one.name, one.version, one.arch), one.sha256]),
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
