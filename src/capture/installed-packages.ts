/** The installed packages, read out of dpkg's own database on the captured disk (dpkg-query(1), deb-control(5)). */
import { parseStanzas } from '../formats/deb822.ts';
import type { GuestFiles } from './guest-files.ts';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Source package, and its version where that differs from the binary's. */
  readonly source: string;
  readonly sourceVersion: string;
}

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

/** Lines `name version architecture`, as packages.txt has them. */
export const packageLines = (packages: readonly InstalledPackage[]): string =>
  packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`).join('');
