/** The names that people call Debian's releases by. */
import { DEBIAN_RELEASES } from '../../recipe/values/debian-releases.ts';

/** The number of `12`, `12.8`, `bookworm` or `debian-12`; undefined for any other. */
export const lintedDebianRelease = (name: string): string | undefined => {
  const word = name
    .trim()
    .toLowerCase()
    .replace(/^debian[- ]?/, '');
  return Object.entries(DEBIAN_RELEASES).find(
    ([number, codename]) => word === number || word.startsWith(`${number}.`) || word === codename,
  )?.[0];
};
