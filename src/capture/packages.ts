/** The installed packages, read out of dpkg's own database on the captured disk (dpkg-query(1), deb-control(5)). */
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
  text
    .split(/\n{2,}/)
    .flatMap((stanza) => {
      const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1];
      const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
      if (!name || !version || !architecture || !/ok installed$/.test(field('Status') ?? '')) return [];
      const [, source = name, sourceVersion = version] = /^(\S+)(?: \((.+)\))?$/.exec(field('Source') ?? '') ?? [];
      return [{ name, version, architecture, source, sourceVersion }];
    })
    .sort((one, other) => compare(`${one.name}:${one.architecture}`, `${other.name}:${other.architecture}`));

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const readPackages = async (files: GuestFiles): Promise<InstalledPackage[]> =>
  parseDpkgStatus((await files.text('/var/lib/dpkg/status')) ?? '');

/** Lines `name version architecture`, as packages.txt has them. */
export const packageLines = (packages: readonly InstalledPackage[]): string =>
  packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`).join('');
