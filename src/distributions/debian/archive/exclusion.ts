/** Whether two packages exclude each other, and whether they do the same work, by their own fields (Debian Policy 7.4, 7.5). */
import type { PackageEntry } from './package-index.ts';
import { parseRelations } from './relations.ts';

/** The names of a package: its own, and those that it provides. */
export const namesOf = ({ name, fields }: PackageEntry): string[] => [
  name,
  ...parseRelations(fields.get('provides')).flat(),
];

/** A relation with a version is about versions other than the archive's own, so it is passed over. */
const excludedBy = ({ fields }: PackageEntry): string[] =>
  ['conflicts', 'breaks'].flatMap((field) =>
    (fields.get(field) ?? '')
      .split(',')
      .filter((relation) => !relation.includes('('))
      .flatMap((relation) => parseRelations(relation).flat()),
  );

/** The name for which two packages cannot be installed together: of one of them, or of what both provide. */
export const exclusion = (one: PackageEntry, other: PackageEntry): string | undefined =>
  one.name === other.name
    ? undefined
    : (excludedBy(one).find((name) => namesOf(other).includes(name)) ??
      excludedBy(other).find((name) => namesOf(one).includes(name)));

/** One has a name of the other: dracut and initramfs-tools are both a linux-initramfs-tool. */
export const doSameWork = (one: PackageEntry, other: PackageEntry): boolean =>
  namesOf(one).some((name) => namesOf(other).includes(name));
