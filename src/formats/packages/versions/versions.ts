/** Which of two versions of a package is the newer one, as the package manager itself has it. */
import { compareApk, isApkVersion } from './apk.ts';
import { compareDpkg, isDpkgVersion } from './dpkg.ts';
import { compareRpm, isRpmVersion } from './rpm.ts';

export type VersionScheme = 'dpkg' | 'rpm' | 'apk';

/** -1 where `one` is older, 0, or 1. */
export const compareVersions = (scheme: VersionScheme, one: string, other: string): number =>
  SCHEMES[scheme].compare(one, other);

/** What is none is not compared: it says nothing of what is newer. */
export const isVersion = (scheme: VersionScheme, text: string): boolean =>
  text.length <= LONGEST && SCHEMES[scheme].isVersion(text);

const LONGEST = 1000;

const SCHEMES = {
  dpkg: { compare: compareDpkg, isVersion: isDpkgVersion },
  rpm: { compare: compareRpm, isVersion: isRpmVersion },
  apk: { compare: compareApk, isVersion: isApkVersion },
} as const;
