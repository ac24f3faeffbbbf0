/** Files that are taken out of a system, and kept out of it by dpkg where that is for good. */
import { posix } from 'node:path';
import { shellQuote } from '../../../host/command-line.ts';
import { keptPatterns } from './path-patterns.ts';
import type { StripUnit, StripWork } from './strip.ts';

type Files = Extract<StripWork, { readonly kind: 'files' }>;

/** Read in the order of names, so after an image's own. Sealing removes files with Ingot's name, and this one has to stay. */
export const excludesFile = ({ name }: Pick<StripUnit, 'name'>): string => `/etc/dpkg/dpkg.cfg.d/90-slim-${name}`;

export const excludesText = ({ what }: Pick<StripUnit, 'what'>, work: Files, languages: readonly string[]): string =>
  [
    `# Not in this system: ${what}.`,
    '# Upgrades leave it out as well (dpkg(1), --path-exclude). `apt-get install --reinstall PACKAGE` brings it',
    '# back once this file is gone.',
    ...work.paths.map((path) => `path-exclude=${path}`),
    ...keptPatterns(work, languages).map((path) => `path-include=${path}`),
    '',
  ].join('\n');

/** For sh -eu. Folders go with their content, where they match a pattern themselves. */
export const removalScript = (work: Files, languages: readonly string[], root = ''): string => {
  const place = (pattern: string) => shellQuote(`${root}${pattern}`);
  const any = work.paths.map((path) => `-path ${place(path)}`).join(' -o ');
  const kept = keptPatterns(work, languages).map((path) => ` ! -path ${place(path)}`);
  const chosen = `\\( ${any} \\)${kept.join('')}`;
  return [
    `for folder in ${foldersOf(work.paths).map(place).join(' ')}; do`,
    '  [ -d "$folder" ] || continue',
    `  find "$folder" -xdev ! -type d ${chosen} -delete`,
    `  find "$folder" -xdev -depth -mindepth 1 -type d -empty ${chosen} -delete`,
    'done',
  ].join('\n');
};

/** The folders above the first pattern of each path, none twice. */
const foldersOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => posix.dirname(path.replace(/[*?[].*$/, 'x')))),
];
