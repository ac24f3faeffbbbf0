/** What the package database of an installed system tells: the interface to dpkg, and to any other that is read. */
import type { InstalledPackage } from '../capture/installed-packages.ts';

/** Why a package is there. A suggestion is no reason, but it keeps a package that is there already. */
export type RelationKind = 'pre-depends' | 'depends' | 'recommends';
export const RELATION_KINDS = ['pre-depends', 'depends', 'recommends', 'suggests'] as const;

export interface Relation {
  readonly kind: (typeof RELATION_KINDS)[number];
  /** Names of packages, or of what packages provide: any one of them is enough. */
  readonly anyOf: readonly string[];
}

export interface PackageRecord extends InstalledPackage {
  /** As the database states it, bytes. */
  readonly size: number;
  /** Somebody asked for it; otherwise it came because another one needs it. */
  readonly manual: boolean;
  /** The system needs it: Debian's `Essential: yes`, `Protected: yes` and `Priority: required`. */
  readonly essential: boolean;
  readonly provides: readonly string[];
  readonly relations: readonly Relation[];
  /** Paths as the database lists them, where the package's files really went. */
  readonly files: readonly string[];
  readonly configuration: readonly string[];
  /** MD5 of each as it was packed, where the database says it. */
  readonly configurationDigests?: ReadonlyMap<string, string>;
  /** It is kept from updates, as `apt-mark hold` does it. */
  readonly held?: boolean;
  /** Who made the package: `Name <address>`. */
  readonly maintainer?: string;
  readonly homepage?: string;
  /** Where the database itself names it, as rpm's does. */
  readonly licence?: string;
}

/** Where packages come from, one for each entry. */
export interface PackageSource {
  readonly file: string;
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Taken without a signature. */
  readonly trusted: boolean;
}

/** Files that no package has, and that are no surprise: what makes them, and why it is known. */
export interface GeneratedRule {
  readonly reason: string;
  readonly pattern: RegExp;
  /** Where files of the same name are an administrator's own. */
  readonly linksOnly?: true;
}

export interface PackageDatabase {
  /** The form of its packages. */
  readonly kind: 'deb' | 'rpm';
  readonly packages: readonly PackageRecord[];
  readonly sources: readonly PackageSource[];
  /** The first one that matches says what makes a file. A closed list. */
  readonly generated: readonly GeneratedRule[];
  /** The file of its configuration that leaves a path out of packages, where one does. */
  readonly leftOutBy?: (path: string) => string | undefined;
}
