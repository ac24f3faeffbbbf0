/** Which installed packages have a newer version in the signed indexes, and which ones the vendor does not have at all. */

import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { compareVersions } from '../../../formats/packages/versions/versions.ts';
import type { Update } from '../../../vulns/updates.ts';
import type { PackageEntry, PackageIndex } from '../archive/package-index.ts';

export const ownVersion = (version: string): string => version.replace(/\+b\d+$/, '');

/** Source and its version, as a stanza of an index has them. */
export const sourceOf = ({
  name,
  version,
  fields,
}: PackageEntry): { readonly source: string; readonly version: string } => {
  const [, source = name, sourceVersion = ownVersion(version)] =
    /^(\S+)(?: \((.+)\))?$/.exec(fields.get('source') ?? '') ?? [];
  return { source, version: sourceVersion };
};

const newer = (one: string, other: string): number => compareVersions('dpkg', one, other);

export const pendingUpdates = (installed: readonly InstalledPackage[], index: PackageIndex): Update[] =>
  installed.flatMap((one) => {
    const later = index
      .find(one.name)
      .filter(({ arch, version }) => fits(arch, one.architecture) && newer(version, one.version) > 0);
    const [first] = later.toSorted((a, b) => newer(b.version, a.version));
    if (first === undefined) return [];
    const { source, version: toSource } = sourceOf(first);
    const suites = later.filter(({ version }) => version === first.version).map(({ suite }) => suite);
    return [
      {
        name: one.name,
        architecture: one.architecture,
        from: one.version,
        to: first.version,
        source,
        fromSource: ownVersion(one.sourceVersion),
        toSource,
        suites: [...new Set(suites)],
        isSecurity: later.some(({ suite }) => suite.endsWith('-security')),
      },
    ];
  });

/** A package may have become one for all architectures, or for one alone. */
const fits = (offered: string, installed: string): boolean =>
  offered === installed || offered === 'all' || installed === 'all';

/** No index has the name, or all it has is older: `name architecture`. */
export const thirdPartyOf = (installed: readonly InstalledPackage[], index: PackageIndex): Set<string> =>
  new Set(
    installed
      .filter(({ name, version, architecture }) => {
        const there = index.find(name).filter(({ arch }) => fits(arch, architecture));
        return there.length === 0
          ? !isSuperseded(name, index)
          : there.every((entry) => newer(entry.version, version) < 0);
      })
      .map(({ name, architecture }) => `${name} ${architecture}`),
  );

/**
 * The archive has only the newest kernel of a release, each under a name of its own: an older one is the vendor's when a
 * package of the same name but for the numbers is there.
 */
const isSuperseded = (name: string, index: PackageIndex): boolean => {
  if (!/^linux-(?:image|headers|kbuild|compiler)/.test(name)) return false;
  const shape = (text: string): string => text.replace(/\d+/g, '0');
  const wanted = shape(name);
  for (const other of index.names()) if (shape(other) === wanted) return true;
  return false;
};
