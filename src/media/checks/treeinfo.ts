/**
 * `.treeinfo` of the RHEL family (productmd's format): an INI file that says what the medium is and has checksums of
 * the files that an installer fetches from a tree.
 */
import { createHash } from 'node:crypto';
import { type Algorithm, digestFile } from '../../host/digest.ts';
import { type Medium, readMediumText } from '../iso/medium.ts';
import type { MediumFile } from '../staging.ts';

export const TREEINFO = '/.treeinfo';

export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

export const parseTreeinfo = (text: string): Sections => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const name = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^\s*([^#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (key !== undefined && value !== undefined) section.set(key, value);
  }
  return sections;
};

const ALGORITHMS: readonly Algorithm[] = ['md5', 'sha1', 'sha256', 'sha512'];

export interface TreeSum {
  readonly algorithm: Algorithm;
  readonly sum: string;
}

/** Path on the medium to its checksum; what is in no algorithm that is known here is left out. */
export const treeSums = (text: string): Map<string, TreeSum> =>
  new Map(
    [...(parseTreeinfo(text).get('checksums') ?? [])].flatMap(([path, value]) => {
      const [name, sum = ''] = value.split(':');
      const algorithm = ALGORITHMS.find((known) => known === name);
      return algorithm === undefined ? [] : [[`/${path.replace(/^\/+/, '')}`, { algorithm, sum }] as const];
    }),
  );

/** The text with new sums in the lines of these paths, without the lines of those that are gone; all else stays. */
export const updateTreeSums = (
  text: string,
  sums: ReadonlyMap<string, string>,
  gone: ReadonlySet<string> = new Set(),
): string => {
  const before = treeSums(text);
  let inChecksums = false;
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^\s*\[/.test(line)) inChecksums = /^\s*\[checksums\]/.test(line);
      const path = `/${/^\s*\/*([^=]*?)\s*=/.exec(line)?.[1] ?? ''}`;
      const [old, sum] = [before.get(path)?.sum, sums.get(path)];
      if (!inChecksums || old === undefined) return [line];
      if (sum !== undefined) return [line.replace(old, () => sum)];
      return gone.has(path) ? [] : [line];
    })
    .join('\n');
};

/** The files, and with them the renewed list when one of them stands in it. */
export const renewTreeinfo = async (
  medium: Medium,
  files: readonly MediumFile[],
  gone: ReadonlySet<string>,
): Promise<readonly MediumFile[]> => {
  if (!medium.files.has(TREEINFO)) return files;
  const text = await readMediumText(medium, TREEINFO);
  const listed = treeSums(text);
  const sums = new Map<string, string>();
  for (const file of files) {
    const algorithm = listed.get(file.path)?.algorithm;
    if (algorithm === undefined) continue;
    const sum =
      'from' in file
        ? await digestFile(file.from, algorithm)
        : createHash(algorithm).update(file.content).digest('hex');
    sums.set(file.path, sum);
  }
  const after = updateTreeSums(text, sums, gone);
  return after === text ? files : [...files, { path: TREEINFO, content: after }];
};
