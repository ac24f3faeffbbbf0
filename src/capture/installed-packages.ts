/** Installed packages, as they are told of a captured disk. */

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Source package, and its version where that differs from the binary's. */
  readonly source: string;
  readonly sourceVersion: string;
}

/** Lines `name version architecture`, as packages.txt has them. */
export const packageLines = (packages: readonly InstalledPackage[]): string =>
  packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`).join('');
