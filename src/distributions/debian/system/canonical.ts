/**
 * What an installation of Debian writes at random or by the clock, and what becomes of it in a reproducible image. Each rule was found by
 * holding two installations of the same against each other, or is known of its program; docs/reproducible.md has the same table.
 */
import type { CanonicalContext, CanonicalRule } from '../../../capture/rebuild/canonical.ts';
import { canonicalCpio } from '../../../formats/archives/canonical-cpio.ts';
import { sha256 } from '../../../host/files.ts';

const DAY = 86_400;

const text =
  (change: (content: string, context: CanonicalContext) => string) =>
  (content: Buffer, context: CanonicalContext): Buffer =>
    Buffer.from(change(content.toString('latin1'), context), 'latin1');

/** shadow(5): name, hash, day of the last change, …. Empty and 0 (to be changed at the next login) say something else. */
const shadow = text((content, { time }) =>
  content.replace(/^([^:\n]*:[^:\n]*):([1-9]\d*):/gm, (_, start: string) => `${start}:${Math.floor(time / DAY)}:`),
);

/** Seconds since the epoch in nanoseconds; the times of /etc and /var as ConditionNeedsUpdate= compares them. */
const updateDone = text((content, { time }) =>
  content.replace(/^TIMESTAMP_NSEC=\d+$/m, `TIMESTAMP_NSEC=${time}000000000`),
);

export const CANONICAL: readonly CanonicalRule[] = [
  {
    name: 'initramfs',
    files: /^\/boot\/initrd\.img-[^/]+$/,
    where: '/boot/initrd.img-*',
    why: 'its members have the times and inodes of the folder that it was made in, in the order of that folder',
    what: 'packed again, as it was packed: members sorted, inodes numbered anew, no time younger than the image',
    make: (content, { time, renew }) => canonicalCpio(content, { time, renew }),
  },
  {
    name: 'days of passwords',
    files: /^\/etc\/shadow-?$/,
    where: '/etc/shadow, /etc/shadow-',
    why: 'the day on which each account was made or changed',
    what: "the day of the image's date",
    make: shadow,
  },
  {
    name: "ldconfig's notes",
    files: /^\/var\/cache\/ldconfig\/aux-cache$/,
    where: '/var/cache/ldconfig/aux-cache',
    why: 'inodes and change times of all libraries, so that ldconfig need not read them again',
    what: 'removed; the next ldconfig writes it',
    make: 'remove',
  },
  {
    name: 'last update of systemd',
    files: /^\/(etc|var)\/\.updated$/,
    where: '/etc/.updated, /var/.updated',
    why: 'when systemd last saw a newer /usr',
    what: "the image's date",
    make: updateDone,
  },
];

/** By their text: a changed rule makes the images again. */
export const canonicalDigest = sha256(
  CANONICAL.map(({ name, files, what, make }) => [name, files.source, what, String(make)].join('\n')).join('\n'),
);
