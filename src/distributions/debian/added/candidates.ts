/** Which file a package of the closure is, and where it comes from. */
import { posix } from 'node:path';
import { IngotError } from '../../../errors.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { PackageEntry, PackageIndex } from '../archive/package-index.ts';
import { exactly } from './added-closure.ts';
import type { RepositorySource } from './apt-with-sources.ts';
import { debName, type LocalDeb } from './local-debs.ts';

export interface ExtraPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly sha256: string;
  readonly size: number;
  /** The .deb on this host, checked. */
  readonly file: string;
  /** Its path in the repository on the medium. */
  readonly filename: string;
  readonly stanza: string;
  /** The path on this host, or the repository and its suite. */
  readonly source: string;
  /** Its path below the address of the repository that it is from. */
  readonly at?: string | undefined;
  /** A .deb of the user's, not of the store. */
  readonly isLocal: boolean;
}

export interface FoundPackage {
  readonly entry: PackageEntry;
  readonly source: string;
  /** Its path below the address of its repository. */
  readonly at?: string;
}

/** Local .debs first: they are asked for by their version. */
export const entryOf = (
  request: string,
  debs: readonly LocalDeb[],
  indexes: readonly PackageIndex[],
  repositories: readonly RepositorySource[],
): FoundPackage | (FoundPackage & { readonly base: string }) => {
  const deb = debs.find((one) => exactly(one) === request);
  if (deb !== undefined) return { entry: deb, source: deb.path };
  const [name = '', version = ''] = request.split('=');
  for (const [index, known] of indexes.entries()) {
    const entry = known.exact(name, version);
    const repository = repositories[index];
    if (entry === undefined || repository === undefined) continue;
    const { url, suite } = repository;
    const root = url.replace(/\/+$/, '');
    // Without suites, files are named from the folder of the index.
    const folder = suite.endsWith('/') ? suite.replace(/^\.?\/|\/$/g, '') : '';
    const base = folder === '' ? root : `${root}/${folder}`;
    return { entry, source: `${url} ${suite}`, base, at: posix.join(folder, entry.filename) };
  }
  throw new IngotError('origin.not-signed', `apt chose ${request}, which no checked index has`, {
    hint: 'This is a defect of Ingot; please report it with the list of packages.',
  });
};

export const packageOfCandidate = async (
  { entry, source, at }: { readonly entry: PackageEntry | LocalDeb } & Omit<FoundPackage, 'entry'>,
  store: BlobStore,
): Promise<ExtraPackage> => {
  const { name, version, arch, size, sha256, text } = entry;
  const filename = debName(entry);
  const isLocal = 'path' in entry;
  const file = isLocal ? entry.path : await store.checked(entry, entry.filename);
  const stanza = text.replace(/^Filename: .*$/m, `Filename: ${filename}`);
  return { name, version, arch, size, sha256, file, filename, stanza, source, at, isLocal };
};
