/** The index of a bundle for people. */
import { BUNDLED, type Bundled, type BundleIndex } from '../../bundle/bundle-index.ts';
import { storedEntries } from '../../bundle/layout.ts';
import { bytes } from '../../ui/format.ts';

/** How much there is of each kind, what is left to an older bundle, and what is not in it. */
export const indexSummary = (index: BundleIndex): string => {
  const { entries, secrets, base } = index;
  const kinds = Map.groupBy(entries, ({ what }) => what);
  const stored = new Set(storedEntries(index).map(({ path }) => path));
  const lines = (Object.keys(BUNDLED) as Bundled[]).flatMap((what) => {
    const all = kinds.get(what) ?? [];
    const own = all.filter(({ path }) => stored.has(path));
    const size = own.reduce((sum, one) => sum + one.size, 0);
    const rest =
      all.length === own.length ? '' : `, ${all.length - own.length} more that are in it already or in the base`;
    return all.length === 0
      ? []
      : [`${what.padEnd(10)}${String(own.length).padStart(5)}  ${bytes(size).padStart(9)}${rest}`];
  });
  return [
    ...lines,
    ...(base === undefined ? [] : [`needs     ${base.name}, whose index has the sha256 ${base.index}`]),
    ...(secrets.length === 0 ? [] : [`not in it  secrets: ${secrets.join(', ')}`]),
    '',
  ].join('\n');
};

/** What signatures of packages are checked with, for whoever compares it with what the publisher tells. */
export const keysText = (fingerprints: readonly string[]): string =>
  fingerprints.map((one) => `key       ${one}\n`).join('');

/** One line an entry. */
export const indexLines = ({ entries, links }: BundleIndex): string =>
  [
    ...entries.map(
      ({ path, size, sha256, what, in: place }) =>
        `${sha256}  ${bytes(size).padStart(9)}  ${what.padEnd(8)} ${path}${place === undefined ? '' : '  (in the base)'}`,
    ),
    ...links.map(({ path, target }) => `${'link'.padEnd(64)}  ${' '.repeat(9)}  file     ${path} -> ${target}`),
    '',
  ].join('\n');
