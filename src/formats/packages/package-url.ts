/** The package URL of a package of a system: its vendor is the system's, whoever made the package. */
import { purl } from './purl.ts';

export interface PackageName {
  readonly kind: 'deb' | 'rpm' | 'apk';
  readonly name: string;
  /** With its epoch, `1:2.4-3`. */
  readonly version: string;
  readonly architecture: string;
  /** The source package, by which advisories name Debian's. */
  readonly source?: string | undefined;
  readonly sourceVersion?: string | undefined;
}

/** Where the vendor of a system has another name than its os-release(5). */
const VENDORS: Readonly<Record<string, string>> = {
  rhel: 'redhat',
  ol: 'oracle',
  'opensuse-leap': 'opensuse',
  'opensuse-tumbleweed': 'opensuse',
  sles: 'suse',
};

/** `system`: `ID` and `VERSION_ID` of its os-release; a system that has no version yet is known by its code name. */
export const packageUrl = (
  { kind, name, version, architecture, source = name, sourceVersion }: PackageName,
  system: { readonly id: string; readonly version?: string | undefined },
): string => {
  const id = system.id.toLowerCase();
  const distro = system.version ? `${id}-${system.version}` : id;
  const isOwn = source === name && (sourceVersion ?? version) === version;
  const upstream = kind !== 'deb' || isOwn ? undefined : `${source}@${sourceVersion ?? version}`;
  const qualifiers = { arch: architecture, distro, upstream };
  const namespace = VENDORS[id] ?? id;
  // The epoch belongs to a version of Debian; for rpm it stands apart (the types `deb` and `rpm` of the specification).
  const [, epoch, rest] = /^(\d+):(.*)$/.exec(version) ?? [];
  if (kind !== 'rpm' || rest === undefined) return purl({ type: kind, namespace, name, version, qualifiers });
  return purl({ type: kind, namespace, name, version: rest, qualifiers: { ...qualifiers, epoch } });
};
