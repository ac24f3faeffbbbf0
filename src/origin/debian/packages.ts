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

interface Raw {
  readonly suite: string;
  readonly text: string;
}

/** `indexes`: suite and text of each Packages file. */
export const buildPackageIndex = (indexes: readonly Raw[]): PackageIndex => {
  const byName = new Map<string, Raw[]>();
  for (const { suite, text } of indexes) {
    for (const stanza of text.split('\n\n')) {
      const trimmed = stanza.trim();
      const name = /^Package: (\S+)$/m.exec(trimmed)?.[1];
      if (name === undefined) continue;
      const known = byName.get(name);
      if (known) known.push({ suite, text: trimmed });
      else byName.set(name, [{ suite, text: trimmed }]);
    }
  }
  const find = (name: string) => (byName.get(name) ?? []).flatMap(parseEntry);
  return {
    find,
    exact: (name, version) => find(name).find((entry) => entry.version === version),
    names: () => byName.keys(),
    providers(name) {
      const pattern = new RegExp(`^Provides:.*[ ,]${name.replaceAll(/[.+]/g, '\\$&')}(?=[ ,]|$)`, 'm');
      return [...byName].filter(([, raws]) => raws.some(({ text }) => pattern.test(text))).map(([found]) => found);
    },
    *all(suite) {
      for (const raws of byName.values()) for (const raw of raws) if (raw.suite === suite) yield* parseEntry(raw);
    },
  };
};

/** Empty for a stanza without what it takes to fetch and check the package. */
const parseEntry = ({ suite, text }: Raw): PackageEntry[] => {
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
