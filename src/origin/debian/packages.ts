/** The package indexes of all suites, searchable by name. Stanzas are read when they are asked for: there are 64,000. */
import { parseStanza, type Stanza } from './control.ts';

export interface PackageEntry {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly suite: string;
  /** Below the archive's base. */
  readonly filename: string;
  readonly size: number;
  readonly sha256: string;
  readonly fields: Stanza;
  /** The stanza as the archive wrote it, without the empty line after it. */
  readonly text: string;
}

export interface PackageIndex {
  /** All versions of a package in all suites, in the order in which the suites were added. */
  find(name: string): readonly PackageEntry[];
  /** The first suite's entry with exactly this version. */
  exact(name: string, version: string): PackageEntry | undefined;
  names(): Iterable<string>;
  /** The packages that provide a virtual one; reads every stanza. */
  providers(name: string): string[];
  all(suite: string): Iterable<PackageEntry>;
}

/** One Packages file as it is. */
export interface IndexFile {
  readonly suite: string;
  readonly bytes: Buffer;
}

/** Where a stanza stands. As text, all of them would take several times the room of the files. */
interface Place extends IndexFile {
  readonly start: number;
  readonly end: number;
}

export const buildPackageIndex = (files: readonly IndexFile[]): PackageIndex => {
  const byName = new Map<string, Place[]>();
  for (const file of files) {
    for (const place of stanzas(file)) {
      const name = nameOf(place);
      if (name === undefined) continue;
      const known = byName.get(name);
      if (known) known.push(place);
      else byName.set(name, [place]);
    }
  }
  const find = (name: string) => (byName.get(name) ?? []).flatMap(parseEntry);
  return {
    find,
    exact: (name, version) => find(name).find((entry) => entry.version === version),
    names: () => byName.keys(),
    providers(name) {
      const pattern = new RegExp(`^Provides:.*[ ,]${name.replaceAll(/[.+]/g, '\\$&')}(?=[ ,]|$)`, 'm');
      return [...byName]
        .filter(([, places]) => places.some((place) => pattern.test(textOf(place))))
        .map(([found]) => found);
    },
    *all(suite) {
      for (const places of byName.values())
        for (const place of places) if (place.suite === suite) yield* parseEntry(place);
    },
  };
};

function* stanzas({ suite, bytes }: IndexFile): Generator<Place> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf('\n\n', start);
    const end = found < 0 ? bytes.length : found;
    if (end > start) yield { suite, bytes, start, end };
    start = end + 2;
  }
}

const textOf = ({ bytes, start, end }: Place): string => bytes.toString('utf8', start, end).trim();

/** The name leads the stanza as the archive writes it. */
const nameOf = (place: Place): string | undefined => {
  const { bytes, start } = place;
  const lineEnd = bytes.indexOf('\n', start);
  const first = bytes.toString('latin1', start, lineEnd < 0 || lineEnd > place.end ? place.end : lineEnd);
  return /^Package: (\S+)$/.exec(first)?.[1] ?? /^Package: (\S+)$/m.exec(textOf(place))?.[1];
};

/** Empty for a stanza without what it takes to fetch and check the package. */
const parseEntry = (place: Place): PackageEntry[] => {
  const { suite } = place;
  const text = textOf(place);
  const fields = parseStanza(text);
  const [name, version, arch] = [fields.get('package'), fields.get('version'), fields.get('architecture')];
  const [filename, sha256] = [fields.get('filename'), fields.get('sha256')?.toLowerCase()];
  const size = Number(fields.get('size'));
  if (!name || !version || !arch || !filename || !isSafePath(filename)) return [];
  if (!sha256 || !/^[0-9a-f]{64}$/.test(sha256) || !Number.isSafeInteger(size)) return [];
  return [{ name, version, arch, suite, filename: filename.replace(/^\.\//, ''), size, sha256, fields, text }];
};

/** A file name becomes a path on the medium: it may not leave it. */
const isSafePath = (path: string): boolean =>
  /^[\w.+~:@%/-]+$/.test(path) && !path.startsWith('/') && !path.split('/').includes('..');
