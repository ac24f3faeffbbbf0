/** The package indexes of all suites, searchable by name. Stanzas are read when they are asked for: there are 64,000. */
import { parseStanza, type Stanza } from '../../../formats/packages/deb822.ts';
import { type IndexFile, type IndexPlace, stanzaAt, stanzas } from './index-file.ts';

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
  /** Names of the packages of a suite whose stanza has what is looked for; reads every stanza. */
  matching(suite: string, pattern: RegExp): string[];
  /** The packages that provide a virtual one; reads every stanza. */
  providers(name: string): string[];
  /** For small indexes: parses every stanza. */
  all(suite: string): Iterable<PackageEntry>;
}

export const buildPackageIndex = (files: readonly IndexFile[]): PackageIndex => {
  const byName = new Map<string, IndexPlace[]>();
  for (const file of files) {
    for (const { bytes, start, end } of stanzas(file)) {
      const name = nameOf(bytes);
      if (name === undefined) continue;
      const place = { file, start, end };
      const known = byName.get(name);
      if (known) known.push(place);
      else byName.set(name, [place]);
    }
  }
  const find = (name: string) => (byName.get(name) ?? []).flatMap(parseEntry);
  const matching = (suites: readonly IndexFile[], pattern: RegExp): string[] => {
    const names = suites.flatMap((file) =>
      Array.from(stanzas(file), ({ bytes }) => (pattern.test(bytes.toString('latin1')) ? nameOf(bytes) : undefined)),
    );
    return [...new Set(names)].filter((name) => name !== undefined);
  };
  return {
    find,
    exact: (name, version) => find(name).find((entry) => entry.version === version),
    names: () => byName.keys(),
    matching: (suite, pattern) =>
      matching(
        files.filter((file) => file.suite === suite),
        pattern,
      ),
    providers: (name) =>
      matching(files, new RegExp(`^Provides:.*[ ,]${name.replaceAll(/[.+]/g, '\\$&')}(?=[ ,]|$)`, 'm')),
    *all(suite) {
      for (const places of byName.values())
        for (const place of places) if (place.file.suite === suite) yield* parseEntry(place);
    },
  };
};

/** The name leads the stanza as the archive writes it. */
const nameOf = (stanza: Buffer): string | undefined => {
  const lineEnd = stanza.indexOf('\n');
  const first = stanza.toString('latin1', 0, lineEnd < 0 ? stanza.length : lineEnd);
  return /^Package: (\S+)$/.exec(first)?.[1] ?? /^Package: (\S+)$/m.exec(stanza.toString('latin1'))?.[1];
};

/** Empty for a stanza without what it takes to fetch and check the package. */
const parseEntry = (place: IndexPlace): PackageEntry[] => {
  const { suite } = place.file;
  const text = stanzaAt(place);
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
