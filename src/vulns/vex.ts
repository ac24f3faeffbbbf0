/**
 * Which findings somebody answers for by OpenVEX statements of their own: of each package of a finding the newest statement that is
 * about it counts, whatever it says.
 */
import { type Purl, parsePurl, versionOfPurl } from '../formats/packages/purl.ts';
import type { Finding } from './finding.ts';
import type { Installed, SystemId } from './inventory.ts';
import { purlOf } from './report/purls.ts';
import { namesOf } from './waivers.ts';

export interface VexStatement {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly status: 'not_affected' | 'affected' | 'fixed' | 'under_investigation';
  /** Those that it is about; about nothing here where it names none by a package URL. */
  readonly packages: readonly Purl[];
  readonly reason: string;
  /** Milliseconds since 1970; of several the latest counts. */
  readonly time: number;
}

/** The statement by which nothing is left of a finding; undefined where one of its packages has none. */
export const vexOf = (
  finding: Finding,
  statements: readonly VexStatement[],
  system: SystemId,
): VexStatement | undefined => {
  const names = namesOf(finding);
  const about = statements.filter(({ id, aliases }) => [id, ...aliases].some((name) => names.includes(name)));
  const newest = finding.packages.map((installed) =>
    about
      .filter(({ packages }) => packages.some((purl) => isAbout(purl, { finding, installed, system })))
      .reduce<VexStatement | undefined>((best, one) => (best && best.time > one.time ? best : one), undefined),
  );
  return newest.every((one) => one?.status === 'not_affected' || one?.status === 'fixed') ? newest[0] : undefined;
};

interface Subject {
  readonly finding: Finding;
  readonly installed: Installed;
  readonly system: SystemId;
}

/** A package by its own name, or all that are made of a source by the source's. What a package URL leaves out may be anything. */
const isAbout = (said: Purl, { finding, installed, system }: Subject): boolean => {
  const own = parsePurl(purlOf(installed, system));
  if (own === undefined || said.type !== own.type) return false;
  if (said.namespace !== '' && said.namespace.toLowerCase() !== own.namespace.toLowerCase()) return false;
  const distro = said.qualifiers.get('distro');
  if (distro !== undefined && !isReleaseOf(distro, system)) return false;
  const [version, arch] = [versionOfPurl(said), said.qualifiers.get('arch')];
  const isVersion = (...known: string[]): boolean => version === undefined || known.includes(version);
  const isPackage = said.name === installed.name && (arch === undefined || arch === installed.architecture);
  const isSource = said.name === finding.source && (arch === undefined || ['source', 'src'].includes(arch));
  return (
    (isPackage && isVersion(installed.version)) || (isSource && isVersion(finding.version, installed.sourceVersion))
  );
};

/** `debian-12`, `debian-12.7`, `bookworm`. */
const isReleaseOf = (distro: string, { id, version, codename }: SystemId): boolean => {
  const said = distro.toLowerCase();
  if (said === codename || said === id || said === `${id}-${codename}`) return true;
  const [one, other] = [said, `${id}-${version}`];
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
};
