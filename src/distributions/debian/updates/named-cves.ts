/** The CVEs that pending updates fix, out of the changelog in the newer packages themselves: no database is needed. */
import { gunzipSync } from 'node:zlib';
import { compareVersions } from '../../../formats/packages/versions/versions.ts';
import { feedSource } from '../../../vulns/signed-sources.ts';
import type { NamedInChangelog, Update } from '../../../vulns/updates.ts';
import type { AptContext } from '../archive/apt.ts';
import type { PackageEntry } from '../archive/package-index.ts';
import type { ArchiveIndexes } from './archive-indexes.ts';
import { namedAbove } from './changelog.ts';
import { filesOfDeb } from './deb-files.ts';
import { sourceOf } from './pending.ts';

/** Fetched for the changelog of one source, together: some have it in a large package alone. */
const MOST_BYTES = 128 * 2 ** 20;
/** Small packages whose documentation is a link come first. */
const MOST_TRIES = 12;
/** Larger ones have to wait for their turn. */
const MOST_FOLLOWED = 16 * 2 ** 20;
const MOST_TEXT = 64 * 2 ** 20;

interface Wanted {
  /** As the update has it. */
  readonly source: string;
  readonly from: string;
  /** Where the changelog is: of the code, not of what only signs it. */
  readonly code: string;
}

export const namedByUpdates = async (
  updates: readonly Update[],
  { packages, fetched }: ArchiveIndexes,
  work: string,
  { signal }: AptContext,
): Promise<NamedInChangelog[]> => {
  const wanted = [...Map.groupBy(updates, ({ source }) => source).values()].flatMap((same) => wantedOf(same));
  const entries = entriesOf(new Set(wanted.map(({ code }) => code)), updates, packages);
  const found: NamedInChangelog[] = [];
  for (const { source, from, code } of wanted) {
    const text = await changelogOf(entries.get(code) ?? [], async (entry) => {
      const deb = await fetched(entry);
      return deb === undefined ? new Map() : filesOfDeb(deb, isChangelog(entry.name), work, signal);
    });
    found.push(
      text === undefined
        ? { source, cves: [], unread: 'no changelog could be read of its update' }
        : { source, cves: namedAbove(text, from) },
    );
  }
  return found;
};

/** The oldest installed version of a source decides how far back is read. Rebuilds without changes fix nothing. */
const wantedOf = (same: readonly Update[]): Wanted[] => {
  const [first] = same.toSorted((one, other) => compareVersions('dpkg', one.fromSource, other.fromSource));
  if (first === undefined || same.every(({ fromSource, toSource }) => fromSource === toSource)) return [];
  const at = feedSource({ source: first.source, version: first.from, sourceVersion: first.fromSource });
  return [{ source: first.source, from: at.version, code: at.source }];
};

/** The newest version's packages of each source, the smallest first. */
const entriesOf = (
  sources: ReadonlySet<string>,
  updates: readonly Update[],
  packages: ArchiveIndexes['packages'],
): ReadonlyMap<string, readonly PackageEntry[]> => {
  const words = [...sources].map((source) => source.replaceAll(/[.+]/g, '\\$&')).join('|');
  const pattern = new RegExp(`^(?:Source|Package): (?:${words})(?: \\(|\\s*$)`, 'm');
  const suites = new Set(updates.flatMap((update) => update.suites));
  const names = new Set([...suites].flatMap((suite) => packages.matching(suite, pattern)));
  const entries = [...names]
    .flatMap((name) => packages.find(name))
    .filter((entry) => sources.has(sourceOf(entry).source));
  const bySource = Map.groupBy(entries, (entry) => sourceOf(entry).source);
  return new Map([...bySource].map(([source, all]) => [source, newestOf(all)]));
};

const newestOf = (all: readonly PackageEntry[]): PackageEntry[] => {
  const versions = all.map((entry) => sourceOf(entry).version);
  const newest = versions.reduce(
    (best, one) => (compareVersions('dpkg', one, best) > 0 ? one : best),
    versions[0] ?? '',
  );
  const ofNewest = all.filter((entry) => sourceOf(entry).version === newest);
  const distinct = new Map(ofNewest.map((entry) => [entry.sha256, entry]));
  return [...distinct.values()].toSorted((one, other) => one.size - other.size);
};

const changelogOf = async (
  entries: readonly PackageEntry[],
  read: (entry: PackageEntry) => ReturnType<typeof filesOfDeb>,
): Promise<string | undefined> => {
  const queue = [...entries];
  let [tries, left] = [0, MOST_BYTES];
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    left -= entry.size;
    if (++tries > MOST_TRIES || left < 0) return undefined;
    const files = await read(entry);
    const [debian, plain] = ['changelog.Debian.gz', 'changelog.gz'].map((name) =>
      files.get(`usr/share/doc/${entry.name}/${name}`),
    );
    for (const file of [debian, plain]) {
      const text = file && 'content' in file ? unpacked(file.content) : undefined;
      // A package with a Debian revision has its upstream's changelog under the second name.
      if (text !== undefined && /^\S+ \([^)]+\) [^;]*; urgency=/m.test(text)) return text;
    }
    // A folder that is a link leads to the package that has it.
    const folder = files.get(`usr/share/doc/${entry.name}`);
    const target = folder && 'link' in folder ? folder.link.split('/').at(-1) : undefined;
    const next = queue.findIndex(({ name, size }) => name === target && size < MOST_FOLLOWED);
    if (next > 0) queue.unshift(...queue.splice(next, 1));
  }
  return undefined;
};

const isChangelog =
  (name: string) =>
  (path: string): boolean =>
    [
      `usr/share/doc/${name}`,
      `usr/share/doc/${name}/changelog.Debian.gz`,
      `usr/share/doc/${name}/changelog.gz`,
    ].includes(path);

const unpacked = (content: Buffer): string | undefined => {
  try {
    return gunzipSync(content, { maxOutputLength: MOST_TEXT }).toString('utf8');
  } catch {
    return undefined;
  }
};
