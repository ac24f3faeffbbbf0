/**
 * Packages that no index of the archive has to list, since the build knows them by their digest: those of an install medium that was
 * proved, of other repositories, of the recipe itself, and what `trust.json` says of such.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { InstalledPackage } from '../../../capture/installed-packages.ts';
import type { Stanza } from '../../../formats/packages/deb822.ts';
import { isThere } from '../../../host/if-there.ts';
import { type Medium, mediumFilePieces, readMedium } from '../../../media/iso/medium.ts';
import { openBlobs } from '../../../origin/blobs.ts';
import type { Evidence, ProvenMedium } from '../../../trust/evidence.ts';
import type { Vouched } from '../../../trust/record.ts';
import { packagesOn } from '../added/medium-packages.ts';
import { packagesIn, type SignedPackage } from './signed-index.ts';

export interface VouchedPackage {
  readonly sha256: string;
  readonly by: string;
  /** What the medium's own index says of it. */
  readonly fields?: Stanza;
  /** Where it may be; undefined when it is not at hand. Nothing is believed of it before its digest was taken. */
  file(): Promise<string | undefined>;
}

/** What was found on media beside what they vouch for. */
export interface VouchedPackages {
  readonly find: FindVouched;
  /** A package of this digest, from any medium that is at hand. */
  readonly onMedium: (sha256: string) => Promise<string | undefined>;
}

/** All that have a package's name, version and architecture. */
export type FindVouched = (
  one: Pick<InstalledPackage, 'name' | 'version' | 'architecture'>,
) => readonly VouchedPackage[];

interface Options {
  /** Only these packages are kept. */
  readonly wanted: ReadonlySet<string>;
  /** Where indexes and packages of a medium are put. */
  readonly folder: string;
  /** A store's files by their digests. */
  readonly blobs?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const vouchedPackages = async (
  vouched: readonly Vouched[],
  { media = [], pools = [] }: Pick<Evidence<unknown>, 'media' | 'pools'>,
  options: Options,
): Promise<VouchedPackages> => {
  const found = new Map<string, VouchedPackage[]>();
  const add = (one: Pick<Vouched, 'name' | 'version' | 'architecture'>, known: VouchedPackage): void => {
    const key = keyOf(one);
    found.set(key, [...(found.get(key) ?? []), known]);
  };
  const blobs = options.blobs === undefined ? undefined : openBlobs(options.blobs);
  const inStore = async (sha256: string): Promise<string | undefined> => {
    const path = blobs?.path({ size: 0, sha256 });
    return path !== undefined && (await isThere(path)) ? path : undefined;
  };
  for (const one of vouched)
    add(one, { sha256: one.sha256, by: one.by, file: async () => one.path ?? (await inStore(one.sha256)) });
  const files = new Map<string, () => Promise<string | undefined>>();
  for (const [nth, { path, by }] of media.entries())
    for (const { one, file } of await packagesOfMedium({ path, by }, `medium-${nth}`, options)) {
      files.set(one.sha256, file);
      add({ ...one, architecture: one.arch }, { sha256: one.sha256, by, fields: one.fields, file });
    }
  for (const [nth, path] of pools.entries())
    for (const { one, file } of await packagesOfMedium({ path, by: '' }, `pool-${nth}`, options))
      files.set(one.sha256, file);
  return { find: (one) => found.get(keyOf(one)) ?? [], onMedium: async (sha256) => files.get(sha256)?.() };
};

const keyOf = ({ name, version, architecture }: Pick<Vouched, 'name' | 'version' | 'architecture'>): string =>
  `${name} ${version} ${architecture}`;

/** Those that its own indexes list, whoever says that they are to be believed. */
const packagesOfMedium = async (
  { path, by }: Pick<ProvenMedium, 'path' | 'by'>,
  name: string,
  { wanted, folder, signal }: Options,
): Promise<{ readonly one: SignedPackage; readonly file: () => Promise<string | undefined> }[]> => {
  const own = join(folder, name);
  await mkdir(own);
  const index = join(own, 'index');
  const medium = await readMedium(path, signal);
  await writeFile(index, await packagesOn(medium, own, signal));
  const listed = await packagesIn(index, { suite: by, wanted, path: `${index}.expanded`, signal });
  return listed.map((one) => ({
    one,
    file: () => taken(medium, posix.join('/', one.filename), join(own, one.sha256), signal),
  }));
};

const taken = async (
  medium: Medium,
  path: string,
  to: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> => {
  // A medium of a set lists what is on its others.
  if (!medium.files.has(path)) return undefined;
  await pipeline(Readable.from(copies(medium, path, signal)), createWriteStream(to));
  return to;
};

/** A piece of a medium is overwritten by the next one. */
async function* copies(medium: Medium, path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  for await (const piece of mediumFilePieces(medium, path, signal)) yield Buffer.from(piece);
}
