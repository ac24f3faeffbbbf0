/** Debian's releases by number: those that there are answers for. */
export const DEBIAN_RELEASES: Readonly<Record<string, string>> = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' };
