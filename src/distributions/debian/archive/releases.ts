/** Debian's releases as the archive names them: a number in the recipe, a codename in suites and scripts. */
import { IngotError } from '../../../errors.ts';
import { DEBIAN_RELEASES } from '../../../recipe/values/debian-releases.ts';

/** Which archive a suite is fetched from; security has mirrors of its own. */
export type Archive = 'mirror' | 'security';

export interface Release {
  /** `12`. */
  readonly number: string;
  /** `bookworm`. */
  readonly codename: string;
  /** The installer's kernel and initrd, as an ordinary package. */
  readonly installerPackage: string;
  /** The suites a finished system follows, least to most urgent. */
  readonly suites: readonly {
    readonly name: string;
    readonly archive: Archive;
    readonly components: readonly string[];
  }[];
}

/** With suites that it does not follow by itself, such as `bookworm-backports`; the mirror has them. */
export const withSuites = (release: Release, names: readonly string[]): Release => ({
  ...release,
  suites: [...release.suites, ...names.map((name) => ({ name, archive: 'mirror' as const, components: ['main'] }))],
});

/** By number or codename. Throws `origin.unknown-release`. */
export const debianRelease = (name: string): Release => {
  const found = Object.entries(DEBIAN_RELEASES).find(([number, codename]) => name === number || name === codename);
  if (found === undefined) {
    throw new IngotError('origin.unknown-release', `Debian ${name} is not known`, {
      where: 'os.release',
      hint: `Known: ${Object.entries(DEBIAN_RELEASES)
        .map(([number, codename]) => `"${number}" (${codename})`)
        .join(', ')}.`,
    });
  }
  const [number, codename] = found;
  return {
    number,
    codename,
    installerPackage: `debian-installer-${number}-netboot-amd64`,
    suites: [
      { name: codename, archive: 'mirror', components: ['main', 'main/debian-installer'] },
      { name: `${codename}-updates`, archive: 'mirror', components: ['main'] },
      { name: `${codename}-security`, archive: 'security', components: ['main'] },
    ],
  };
};
