/** Releases with a medium that can be assembled: the components of their installers are known (installer/debian-<release>.json). */
export const ASSEMBLED: readonly string[] = ['12', '13'];

/** Debian's releases by number: those for which there are answers. */
export const DEBIAN_RELEASES: Readonly<Record<string, string>> = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' };

/** Where Debian's own package, debian-archive-keyring, puts the keys of the archive: on this host and in a guest. */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
