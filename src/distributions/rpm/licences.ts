/**
 * The licence that an rpm package states in its tag. Fedora writes SPDX expressions since 2022; older packages have short names of
 * Fedora's own (`GPLv2+ and MIT`), in which even a name that SPDX has may mean more. So a tag is an expression where all of it is
 * SPDX's, and otherwise one name, as it stands.
 */
import type { PackageRecord } from '../../inspect/package-database.ts';
import { type Licences, namedLicence, spdxId, spdxWith } from '../../sbom/licence.ts';
import { readLicences } from '../../sbom/read-licence.ts';

const NO_TEXT = 'The package names this licence in its License tag; a text, where it has one, is among its files.';

export const rpmLicences = async ({ licence }: Pick<PackageRecord, 'licence'>): Promise<Licences | undefined> => {
  if (licence === undefined || licence === '') return undefined;
  const read = readLicences([licence], { idOf: spdxName, textOf: () => NO_TEXT });
  if (read.texts.length === 0) return read;
  const text = namedLicence(licence, NO_TEXT);
  return { statements: [{ said: licence, expression: text.id, refs: [text.id] }], texts: [text] };
};

const spdxName = (name: string): string | undefined => {
  const [, base = name, exception] = /^(\S+) with (\S+)$/i.exec(name) ?? [];
  return exception === undefined ? spdxId(base) : spdxWith(base, exception);
};
