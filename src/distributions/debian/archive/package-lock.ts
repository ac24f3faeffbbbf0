/**
 * What an assembled medium is made of, every file by its digest. It is all that identifies the medium: the same lock
 * gives the same bytes, without a look at the archive.
 */
import { z } from 'zod';
import { sha256 } from '../../../host/files.ts';
import { STAND_INS } from '../../../recipe/schema/origin-schema.ts';
import type { PackageEntry } from './package-index.ts';

const identity = { size: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) };

/** A file of the archive; `filename` is below the archive's base. */
const lockedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  arch: z.string(),
  suite: z.string(),
  filename: z.string(),
  ...identity,
});

const lockedDeb = z.strictObject({
  ...lockedPackage.shape,
  /** Where other suites on the medium have the very same file. */
  alsoAt: z.array(z.string()),
  /** Absent: it lies on the medium and is not installed. */
  install: z.strictObject({ stage: z.int(), mark: z.enum(['manual', 'auto']) }).optional(),
  /** The stanza of the signed index, for the medium's own small index. */
  stanza: z.string(),
});

const lockedSuite = z.strictObject({
  name: z.string(),
  /** ISO 8601, from the signed Release. */
  date: z.string(),
  /** Fingerprints of the primary keys whose signature holds. */
  signers: z.array(z.string()),
  inRelease: z.strictObject(identity),
  /** `path` is below the suite's folder. */
  indexes: z.array(z.strictObject({ path: z.string(), ...identity })),
  /** Of the installer's components: not on the medium. */
  installerIndexes: z.array(z.strictObject({ path: z.string(), ...identity })),
});

/** Goes up with every change of the schema: a lock of an older checkout is made again, not misread. */
export const LOCK_FORMAT = 3;

const lockSchema = z.strictObject({
  format: z.literal(LOCK_FORMAT),
  release: z.strictObject({ number: z.string(), codename: z.string(), arch: z.literal('amd64') }),
  suites: z.array(lockedSuite),
  /** What lies on the medium. */
  debs: z.array(lockedDeb),
  /** Unpacked into the installer's initrd. */
  udebs: z.array(lockedPackage),
  /** The installer's kernel and initrd, as they came out of their package. */
  installer: z.strictObject({
    kernelRelease: z.string(),
    kernel: z.strictObject(identity),
    initrd: z.strictObject(identity),
  }),
  /** Taken apart on the host: the installer's images, boot loaders for the medium, files for stand-ins. */
  parts: z.array(lockedPackage),
  /** What the recipe says about stand-ins; those that are used. */
  standInChoice: z.enum(STAND_INS),
  standIns: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  /** SHA-256 of the stand-ins themselves and of the table that chooses them. */
  components: z.string(),
});

export type Lock = z.output<typeof lockSchema>;
export type LockedDeb = z.output<typeof lockedDeb>;
export type LockedPackage = z.output<typeof lockedPackage>;
export type StandIn = Lock['standIns'][number];

/** The lock as text that is the same for the same content (RFC 8785 for the values used here). */
export const lockText = (lock: Lock): string => `${JSON.stringify(sorted(lock))}\n`;

/** Undefined for what is not a lock of this format, as after a full disk, or from another version of Ingot. */
export const parseLock = (text: string): Lock | undefined => {
  try {
    return lockSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export const lockDigest = (lock: Lock): string => sha256(lockText(lock));

/** When the newest suite was made, in seconds since the epoch: the time stamp of everything on the medium. */
export const lockDate = (lock: Lock): number =>
  Math.max(...lock.suites.map(({ date }) => Math.floor(Date.parse(date) / 1000)));

export const lockPackage = (entry: PackageEntry): LockedPackage => ({
  name: entry.name,
  version: entry.version,
  arch: entry.arch,
  suite: entry.suite,
  filename: entry.filename,
  size: entry.size,
  sha256: entry.sha256,
});

export const byName = <T extends { readonly name: string }>(a: T, b: T): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => [name, sorted(part)]));
};
