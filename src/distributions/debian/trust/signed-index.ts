/**
 * What the archive's keys say: InRelease files whose signature holds, and the packages that the indexes list which they sign. Nothing
 * here is taken from the image, from a lock, or from apt's own checks.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import { IngotError } from '../../../errors.ts';
import { compressionOf, LONGEST_MAGIC } from '../../../formats/compression/compression.ts';
import { EXPANDABLE, expandFile } from '../../../formats/compression/expand-file.ts';
import { parseStanza, type Stanza } from '../../../formats/packages/deb822.ts';
import { firstBytes, sha256File } from '../../../host/files.ts';
import type { BlobIdentity } from '../../../origin/blobs.ts';
import { stanzas } from '../archive/index-file.ts';
import type { Lock } from '../archive/package-lock.ts';
import { parseReleaseFile, type ReleaseFile } from '../archive/release-file.ts';
import { verifyClearsigned } from '../archive/verify-signature.ts';

/** A package as a signed index lists it. */
export interface SignedPackage extends BlobIdentity {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly filename: string;
  /** `bookworm-security`. */
  readonly suite: string;
  /** All that the index says of it. */
  readonly fields: Stanza;
}

export interface SignedIndex {
  /** One line for each suite: who signed it, and when. */
  readonly facts: readonly string[];
  /** All that have this name, version and architecture, none twice. */
  readonly find: (name: string, version: string, arch: string) => readonly SignedPackage[];
  /** What is wrong with what was given: a signature, a date. */
  readonly faults: readonly Fault[];
  /** Indexes that no signed InRelease lists, such as those of an ISO: a fault where a package has nobody else to vouch for it. */
  readonly unsigned: readonly string[];
}

export interface Fault {
  readonly rule: 'trust/signature' | 'trust/index' | 'trust/old-release';
  readonly message: string;
  readonly where: string;
}

/** Files that may be what they are called; they are believed only as far as signatures reach. */
export interface IndexFiles {
  readonly releases: readonly string[];
  /** Packages files, compressed or not. */
  readonly indexes: readonly string[];
}

interface Options {
  readonly keyring: string;
  /** Only these packages are kept: an index has 64,000. */
  readonly wanted: ReadonlySet<string>;
  /** Where indexes are expanded. */
  readonly folder: string;
  /** What the build was made of: no suite may be older than there. */
  readonly lock?: Lock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const readSignedIndex = async (
  { releases, indexes }: IndexFiles,
  { keyring, wanted, folder, lock, signal }: Options,
): Promise<SignedIndex> => {
  const facts: string[] = [];
  const faults: Fault[] = [];
  /** Suites by the digest of an index that they sign. */
  const signed = new Map<string, string>();
  for (const file of releases) {
    const checked = await checkedRelease(file, keyring, signal);
    if (!('release' in checked)) {
      faults.push(checked);
      continue;
    }
    const { release, signers } = checked;
    const name = release.codename ?? release.suite ?? '?';
    const old = lock?.suites.find((suite) => suite.name === name && release.date.getTime() < Date.parse(suite.date));
    if (old !== undefined) {
      const message = `the index of ${name} is of ${day(release.date)}, older than the one that the build used (${day(new Date(old.date))})`;
      faults.push({ rule: 'trust/old-release', message, where: file });
      continue;
    }
    facts.push(`${name} of ${day(release.date)}, signed by ${signers.join(', ')}`);
    for (const [path, { sha256 }] of release.files)
      if (/(^|\/)binary-[^/]+\/Packages(\.\w+)?$/.test(path)) signed.set(sha256, name);
  }
  const unsigned: string[] = [];
  const found = new Map<string, SignedPackage[]>();
  for (const [nth, file] of indexes.entries()) {
    const suite = signed.get(await sha256File(file, signal));
    if (suite === undefined) {
      unsigned.push(file);
      continue;
    }
    for (const one of await packagesIn(file, { suite, wanted, path: join(folder, `index-${nth}`), signal })) {
      const key = keyOf(one.name, one.version, one.arch);
      const known = found.get(key) ?? [];
      if (!known.some(({ sha256 }) => sha256 === one.sha256)) found.set(key, [...known, one]);
    }
  }
  return { facts, faults, unsigned, find: (name, version, arch) => found.get(keyOf(name, version, arch)) ?? [] };
};

/** Those of the unsigned indexes that list one of these packages. What cannot be read is taken for one that does. */
export const reliedOn = async (
  unsigned: readonly string[],
  packages: readonly Pick<InstalledPackage, 'name' | 'version' | 'architecture'>[],
  { folder, signal }: Pick<Options, 'folder' | 'signal'>,
): Promise<Fault[]> => {
  const wanted = new Set(packages.map(({ name }) => name));
  const keys = new Set(packages.map(({ name, version, architecture }) => keyOf(name, version, architecture)));
  const found: Fault[] = [];
  for (const [nth, file] of (keys.size === 0 ? [] : unsigned).entries()) {
    const path = join(folder, `unsigned-${nth}`);
    const listed = await packagesIn(file, { suite: '', wanted, path, signal }).catch((error: unknown) => {
      if (error instanceof IngotError && !signal?.aborted) return undefined;
      throw error;
    });
    if (listed?.every((one) => !keys.has(keyOf(one.name, one.version, one.arch)))) continue;
    found.push({ rule: 'trust/index', message: 'no signed InRelease lists this index', where: file });
  }
  return found;
};

const keyOf = (...parts: readonly string[]): string => parts.join(' ');
const day = (date: Date): string => date.toISOString().slice(0, 10);

const checkedRelease = async (
  file: string,
  keyring: string,
  signal?: AbortSignal,
): Promise<{ readonly release: ReleaseFile; readonly signers: readonly string[] } | Fault> => {
  try {
    const { text, signers } = await verifyClearsigned(file, keyring, signal);
    return { release: parseReleaseFile(text, file), signers };
  } catch (error) {
    if (!(error instanceof IngotError) || !/^origin\.(bad-signature|release-invalid)$/.test(error.code)) throw error;
    return { rule: 'trust/signature', message: error.message, where: file };
  }
};

/** The wanted ones that an index lists, whoever says that it is to be believed. */
export const packagesIn = async (
  file: string,
  {
    suite,
    wanted,
    path,
    signal,
  }: {
    readonly suite: string;
    readonly wanted: ReadonlySet<string>;
    readonly path: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<SignedPackage[]> => {
  const plain = await expanded(file, path, signal);
  const found: SignedPackage[] = [];
  if ((await stat(plain)).size === 0) return found;
  for (const { bytes } of stanzas({ suite, path: plain })) {
    const [, name = ''] = /^Package: (\S+)/.exec(bytes.toString('latin1', 0, 200)) ?? [];
    if (!wanted.has(name)) continue;
    const fields = parseStanza(bytes.toString('utf8'));
    const field = (key: string) => fields.get(key) ?? '';
    const [sha256, size] = [field('sha256').toLowerCase(), Number(field('size'))];
    if (!/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) continue;
    found.push({
      name,
      version: field('version'),
      arch: field('architecture'),
      filename: field('filename'),
      suite,
      sha256,
      size,
      fields,
    });
  }
  return found;
};

/** More than ten times what the largest one has. */
const LARGEST_INDEX = 2 ** 30;

/** It is what a signature says, so only a fault of the archive's own makes it large. */
const expanded = async (file: string, path: string, signal: AbortSignal | undefined): Promise<string> => {
  const found = compressionOf(await firstBytes(file, LONGEST_MAGIC));
  const compression = EXPANDABLE.find((name) => name === found);
  if (compression === undefined) return file;
  await expandFile(file, compression, path, { most: LARGEST_INDEX, signal });
  return path;
};
