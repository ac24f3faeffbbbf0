/** The installed packages, read out of dpkg's own database on the captured disk (dpkg-query(1), deb-control(5)). */
import type { GuestFiles } from '../../../capture/guest-files.ts';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { parseStanzas } from '../../../formats/packages/deb822.ts';

/** Packages with the status `install ok installed`, sorted by name and architecture. */
export const parseDpkgStatus = (text: string): InstalledPackage[] =>
  parseStanzas(text)
    .flatMap((stanza) => {
      const [name, version, architecture] = ['package', 'version', 'architecture'].map((field) => stanza.get(field));
      if (!name || !version || !architecture || !/ok installed$/.test(stanza.get('status') ?? '')) return [];
      const [, source = name, sourceVersion = version] = /^(\S+)(?: \((.+)\))?$/.exec(stanza.get('source') ?? '') ?? [];
      return [{ name, version, architecture, source, sourceVersion }];
    })
    .sort((one, other) => compare(`${one.name}:${one.architecture}`, `${other.name}:${other.architecture}`));

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const readPackages = async (files: GuestFiles): Promise<InstalledPackage[]> =>
  parseDpkgStatus((await files.text('/var/lib/dpkg/status')) ?? '');
