/** What is installed, as feeds know it: of which system, under which names. */
import type { VersionScheme } from '../formats/packages/versions/versions.ts';

/**
 * `vendor`: the vendor's signed index has it, or had an older one; `third-party`: it has none of this name, or this one is newer than
 * all it has; `unknown`: no index was at hand.
 */
export type Origin = 'vendor' | 'third-party' | 'unknown';

export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** `name:stream` of the module that it comes from (rpm). */
  readonly module?: string | undefined;
  readonly origin: Origin;
}

export interface SystemId {
  /** `ID` of os-release(5): `debian`, `ubuntu`, `alpine`, `rhel`, `almalinux`, `rocky`. */
  readonly id: string;
  /** `VERSION_ID`: `12`, `24.04`, `3.21.2`, `9.4`. */
  readonly version: string;
  /** `VERSION_CODENAME`. */
  readonly codename?: string | undefined;
  readonly cpe?: string | undefined;
  readonly prettyName?: string | undefined;
}

export interface Inventory {
  /** What was looked into: a path. */
  readonly subject: string;
  readonly system: SystemId;
  readonly scheme: VersionScheme;
  readonly packages: readonly Installed[];
}

const SCHEMES: Readonly<Record<string, VersionScheme>> = {
  debian: 'dpkg',
  ubuntu: 'dpkg',
  alpine: 'apk',
  wolfi: 'apk',
  chainguard: 'apk',
};

/** All that are neither are taken for rpm's: which systems there are of those nobody can list. */
export const schemeOf = (id: string): VersionScheme => (Object.hasOwn(SCHEMES, id) ? (SCHEMES[id] ?? 'rpm') : 'rpm');

/**
 * The version of an rpm's source with its epoch: the file name of a source package has none, and it is nearly always that of its
 * packages. Without it every version of the source would look older than what a feed calls fixed.
 */
export const withEpochOf = (version: string, sourceVersion: string): string => {
  const [, epoch] = /^(\d+:)/.exec(version) ?? [];
  return epoch === undefined || /^\d+:/.test(sourceVersion) ? sourceVersion : `${epoch}${sourceVersion}`;
};
