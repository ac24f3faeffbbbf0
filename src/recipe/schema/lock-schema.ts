/**
 * What may stand in a lock, the file beside a recipe that names every input of its builds by version and digest. It is meant
 * for version control: no address that the recipe does not name itself, no path of a host, no secret.
 */
import { z } from 'zod';
import { STAND_INS } from './origin-schema.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');
const size = z.int().nonnegative();
const identity = { size, sha256 };

/** A path below an archive's base or a suite's folder: it becomes a part of a URL and of paths, so it leads nowhere else. */
const below = z
  .string()
  .regex(/^[\w.+~:@%/-]+$/)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'a path below the archive');

const packageFields = { name: z.string(), version: z.string(), arch: z.string(), suite: z.string(), file: below };

const lockedPackage = z.strictObject({ ...packageFields, ...identity });

const lockedDeb = z.strictObject({
  ...lockedPackage.shape,
  /** When debootstrap installs it; absent for what only lies on the medium. */
  stage: z.int().optional(),
  mark: z.enum(['manual', 'auto']).optional(),
  alsoAt: z.array(below).optional(),
});

const lockedSuite = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  date: z.iso.datetime(),
  /** Whole fingerprints of the keys whose signature holds. */
  signers: z.array(z.string()),
  inRelease: z.strictObject(identity),
  indexes: z.array(z.strictObject({ path: below, ...identity })),
  /** Of the installer's components. A lock of an earlier Ingot has none, and vouches for none of them. */
  installerIndexes: z.array(z.strictObject({ path: below, ...identity })).default([]),
});

/** What an assembled medium is made of. */
const lockedArchive = z.strictObject({
  release: z.strictObject({ number: z.string(), codename: z.string(), arch: z.literal('amd64') }),
  standInChoice: z.enum(STAND_INS),
  /** SHA-256 over Ingot's stand-ins and the table that chooses them. */
  components: sha256,
  suites: z.array(lockedSuite),
  /** The installer's kernel and initrd, as they come out of their package. */
  installer: z.strictObject({
    kernelRelease: z.string(),
    kernel: z.strictObject(identity),
    initrd: z.strictObject(identity),
  }),
  standIns: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  packages: z.array(lockedDeb),
  /** Components of the installer. */
  udebs: z.array(lockedPackage),
  /** Packages that are taken apart for the installer. */
  parts: z.array(lockedPackage),
});
export type LockedArchive = z.output<typeof lockedArchive>;

/** What the recipe asks the archive for, in apt's words. */
const lockedRequest = z.strictObject({
  install: z.array(z.string()),
  onMedium: z.array(z.string()),
  leftOut: z.array(z.string()),
  standIns: z.enum(STAND_INS),
});
export type LockedRequest = z.output<typeof lockedRequest>;

/** An ISO, or a disk image as it was published. */
const lockedFile = z.strictObject({
  name: z.string(),
  /** The recipe's own address, without private parts; the name of a path that is not beside the recipe. */
  from: z.string(),
  sha256,
  /** What proved it when the lock was written. */
  proved: z.string(),
  /** What the recipe wants of it beside its SHA-256: another digest, or the publisher's sums and their key. */
  wanted: z.string().optional(),
});
export type LockedFile = z.output<typeof lockedFile>;

/** A package that the recipe adds to its media. `stanza` is what the repository says of it. */
const addedPackage = z.strictObject({
  name: z.string(),
  version: z.string(),
  arch: z.string(),
  from: z.string(),
  /** Where its repository has it, below its address; absent for a file of the recipe's. */
  at: below.optional(),
  ...identity,
  file: below,
  stanza: z.string(),
});

/** A repository of added packages, as its signed index said it was. */
const addedRepository = z.strictObject({
  from: z.string(),
  suite: z.string(),
  signers: z.array(z.string()),
  date: z.string(),
});

const lockedAddition = z.strictObject({
  repositories: z.array(addedRepository),
  install: z.array(z.string()),
  packages: z.array(addedPackage),
});
export type LockedAddition = z.output<typeof lockedAddition>;

/** A file that the recipe names: where it is named, and which. */
const namedFile = z.strictObject({
  at: z.string(),
  path: z.string(),
  kind: z.enum(['file', 'link', 'folder']),
  /** Permission bits as in `chmod`: "644". */
  mode: z.string().regex(/^[0-7]{3,4}$/),
  size: size.optional(),
  sha256: sha256.optional(),
  /** Of a symbolic link. */
  target: z.string().optional(),
});
export type LockedNamedFile = z.output<typeof namedFile>;

export const lockedBuildSchema = z.strictObject({
  /** The recipe's file, its name alone. */
  recipe: z.string(),
  system: z.string(),
  /** SHA-256 over Ingot's hooks for installers. */
  hooks: sha256,
  request: lockedRequest.optional(),
  archive: lockedArchive.optional(),
  /** Where the mirrors are not in the recipe: SHA-256 of their addresses, and of the keys they are checked with. */
  mirrors: z.strictObject({ addresses: sha256, keys: z.array(sha256) }).optional(),
  iso: lockedFile.optional(),
  image: lockedFile.optional(),
  added: lockedAddition.optional(),
  /** Names of the environment variables and files that have its secrets. */
  secrets: z.array(z.string()),
  files: z.array(namedFile),
  /** The recipe that this one begins with. */
  get below(): z.ZodOptional<typeof lockedBuildSchema> {
    return lockedBuildSchema.optional();
  },
});
export type LockedBuild = z.output<typeof lockedBuildSchema>;

/** Goes up with every change of the form. */
export const LOCK_FILE_FORMAT = 1;

export const lockFileSchema = z.strictObject({
  format: z.literal(LOCK_FILE_FORMAT),
  ingot: z.string(),
  /** For whoever compares: they are not asked for again. */
  tools: z.record(z.string(), z.string()),
  builds: z.record(z.string(), lockedBuildSchema),
});
export type LockFile = z.output<typeof lockFileSchema>;

/** A lock that a build takes, and what a bundle brings in place of the host's apt. */
export interface Frozen {
  readonly build: LockedBuild;
  /** Where the lock lies, for errors. */
  readonly where: string;
  /** SHA-256 of the lock as a file. */
  readonly sha256: string;
  readonly mirrors?: FrozenMirrors | undefined;
}

export interface FrozenMirrors {
  readonly urls: { readonly mirror: string; readonly security: string };
  /** Key files. */
  readonly keys: readonly string[];
}
