/** Which Anaconda reads the file: RHEL's major releases (Alma, Rocky and CentOS Stream follow them) and Fedora. */
import { IngotError } from '../../errors.ts';

/** `fedora` without a number is the newest one known. */
export type KickstartRelease = 'rhel-8' | 'rhel-9' | 'rhel-10' | 'fedora' | `fedora-${number}`;

const OLDEST_FEDORA = 34;
const REDHAT =
  /^(?:rhel|redhat|red hat enterprise linux(?:\s[a-z]+)?|centos(?:[\s_-]*stream)?|alma(?:linux)?|rocky(?:[\s_-]*linux)?|ol|oracle(?:[\s_-]*linux)?)?[\s_-]*(\d+)(?:\.\d+)*(?:[\s_-]*stream)?$/;
const FEDORA = /^(?:fedora(?:\s[a-z]+)?|fc|f)[\s_-]*(\d+)?$/;

/** Reads `rhel8`, `rhel-9.4`, `10`, `rocky 9`, `fedora`, `fedora41`, `F41`. Throws `usage.release` for others. */
export const kickstartRelease = (text: string): KickstartRelease => {
  const name = text.trim().toLowerCase();
  const [, major] = REDHAT.exec(name) ?? [];
  if (major === '8' || major === '9' || major === '10') return `rhel-${major}`;
  const fedora = FEDORA.exec(name);
  const number = fedora?.[1];
  if (fedora && number === undefined) return 'fedora';
  if (number !== undefined && Number(number) >= OLDEST_FEDORA) return `fedora-${Number(number)}`;
  throw new IngotError('usage.release', `no kickstart syntax is known for ${JSON.stringify(text)}`, {
    hint: `One of rhel8, rhel9, rhel10, fedora, fedora${OLDEST_FEDORA} and later (rocky9 and alma9 are rhel9).`,
  });
};

/** How people call it. */
export const releaseTitle = (release: KickstartRelease): string => {
  const [family, number = ''] = release.split('-');
  return `${family === 'rhel' ? 'RHEL' : 'Fedora'} ${number}`.trim();
};

export const isRhel = (release: KickstartRelease): boolean => release.startsWith('rhel-');

/** Release numbers by family. */
export interface Releases {
  readonly rhel?: number;
  readonly fedora?: number;
}

export interface Lifetime {
  /** Exists from these releases on; in a family that is not named it never did. Absent: always. */
  readonly from?: Releases;
  readonly deprecated?: Releases;
  readonly removed?: Releases;
}

export type Status = 'there' | 'deprecated' | 'removed' | 'too-new';

/** Whether the release is one of these or a later one; false in a family that is not named. */
export const isReached = (release: KickstartRelease, releases: Releases | undefined): boolean => {
  const number = Number(release.split('-')[1] ?? Number.POSITIVE_INFINITY);
  return number >= (releases?.[isRhel(release) ? 'rhel' : 'fedora'] ?? Number.NaN);
};

export const statusIn = (release: KickstartRelease, { from, deprecated, removed }: Lifetime): Status => {
  if (from && !isReached(release, from)) return 'too-new';
  if (isReached(release, removed)) return 'removed';
  return isReached(release, deprecated) ? 'deprecated' : 'there';
};
