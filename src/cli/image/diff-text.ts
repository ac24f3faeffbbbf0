/** What differs between two images, for people: first what nothing explains; what packages explain only as numbers. */
import { count, counted } from '../../counted.ts';
import type { CausedChange, Difference } from '../../inspect/diff.ts';
import { bytes } from '../../ui/format.ts';
import { firstOf, flowed } from './columns.ts';

const MOST = 20;

export const differenceText = (found: Difference): string => {
  const { before, after, size, units, accounts, files } = found;
  const parts = [
    [`before  ${before}`, `after   ${after}`, sizeLine(size)],
    packageLines(found.packages),
    listed(
      'files that a package has, in the same version',
      files.filter(({ cause }) => cause.kind === 'altered'),
    ),
    listed(
      "nobody's files",
      files.filter(({ cause }) => cause.kind === 'unknown'),
    ),
    listed(
      'configuration',
      files.filter(({ cause }) => cause.kind === 'configuration'),
    ),
    summed("packages' files", files, (cause) => (cause.kind === 'package' ? cause.package : undefined)),
    summed('generated files', files, (cause) => (cause.kind === 'generated' ? cause.reason : undefined)),
    section('units', [
      ...(units.added.length === 0
        ? []
        : flowed(
            '  + ',
            units.added.map(({ unit }) => unit),
          )),
      ...(units.removed.length === 0
        ? []
        : flowed(
            '  - ',
            units.removed.map(({ unit }) => unit),
          )),
    ]),
    section(
      'accounts',
      accounts.flatMap(({ name, change, what }) => flowed(`  ${SIGNS[change]} ${name}  `, what)),
    ),
  ];
  const told = parts.filter((lines) => lines.length > 0);
  return [...told, ...(told.length === 1 ? [['nothing differs but times']] : [])]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
};

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

const sizeLine = ({ before, after }: Difference['size']): string => {
  const sign = after < before ? '-' : '+';
  return `size    ${bytes(before)} → ${bytes(after)} (${sign}${bytes(Math.abs(after - before))})`;
};

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...lines]);

const packageLines = (packages: Difference['packages']): string[] => {
  if (packages === undefined) return ['packages: not compared, since they cannot be read in both images'];
  const { added, removed, changed } = packages;
  const lines = [
    ...removed.map(({ name, version }) => `  - ${name} ${version}`),
    ...changed.map(({ name, before, after }) => `  ~ ${name} ${before} → ${after}`),
    ...added.map(({ name, version, size }) => `  + ${name} ${version}, ${bytes(size)}`),
  ];
  const title = `packages: ${count(added.length)} added, ${count(removed.length)} removed, ${count(changed.length)} in another version`;
  return section(title, firstOf(lines, 2 * MOST));
};

const listed = (title: string, files: readonly CausedChange[]): string[] =>
  section(`${title}: ${count(files.length)}`, firstOf(files.map(changeLine), MOST)).slice(
    0,
    files.length === 0 ? 0 : undefined,
  );

const changeLine = ({ path, change, what, cause, before, after }: CausedChange): string => {
  const owner = 'package' in cause && cause.package !== undefined ? `  (${cause.package})` : '';
  const details = what.map((aspect) => {
    if (aspect === 'mode') return `mode ${before?.mode} → ${after?.mode}`;
    if (aspect === 'owner') return `owner ${before?.uid}:${before?.gid} → ${after?.uid}:${after?.gid}`;
    if (aspect === 'target') return `link ${before?.target} → ${after?.target}`;
    return aspect === 'type' ? `${before?.type} → ${after?.type}` : aspect;
  });
  return `  ${SIGNS[change]} ${path}${details.length === 0 ? '' : `: ${details.join(', ')}`}${owner}`;
};

const summed = (
  title: string,
  files: readonly CausedChange[],
  nameOf: (cause: CausedChange['cause']) => string | undefined,
): string[] => {
  const counts = new Map<string, number>();
  for (const { cause } of files) {
    const name = nameOf(cause);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const total = sorted.reduce((sum, [, number]) => sum + number, 0);
  const words = sorted.slice(0, MOST).map(([name, number]) => `${name} ${count(number)}`);
  const more = sorted.length > MOST ? [`${counted(sorted.length - MOST, 'other')}`] : [];
  return sorted.length === 0 ? [] : [`${title}: ${count(total)}`, ...flowed('  ', [...words, ...more])];
};
