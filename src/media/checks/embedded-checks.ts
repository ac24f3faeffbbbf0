/** The checks that a medium carries for itself, each tested by reading what it covers. */
import type { FileHandle } from 'node:fs/promises';
import { digestExtents } from '../iso/iso-digest.ts';
import { openMedium } from '../iso/iso9660.ts';
import { type Medium, readMediumText } from '../iso/medium.ts';
import { checkBootInfo } from './boot-info-table.ts';
import { checkIsoMd5 } from './isomd5.ts';
import { parseSums } from './md5sums.ts';
import { SUMS } from './medium-sums.ts';
import { checkSuseTag } from './suse-tag.ts';
import { TREEINFO, type TreeSum, treeSums } from './treeinfo.ts';

export interface EmbeddedCheck {
  readonly kind: 'md5sum.txt' | 'isomd5' | '.treeinfo' | 'suse-tag' | 'boot-info-table';
  readonly holds: boolean;
  /** What it covers: `312 files`, the sum itself. */
  readonly covers: string;
  /** What does not fit, or cannot be tested here. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** The checks that the medium has, in no special order. Reads all of the medium, at most once for each kind. */
export const checkEmbedded = async (medium: Medium, signal?: AbortSignal): Promise<EmbeddedCheck[]> => {
  await using file = await openMedium(medium.iso);
  const checks = [
    await checkSumList(medium, file, signal),
    await checkTreeinfo(medium, file, signal),
    await checkImplanted(medium.iso, signal),
    await checkTag(medium.iso, signal),
    ...(await checkTables(medium)),
  ];
  return checks.filter((check) => check !== undefined);
};

const checkSumList = async (medium: Medium, file: FileHandle, signal: AbortSignal | undefined) => {
  if (!medium.files.has(SUMS)) return undefined;
  const sums = md5Sums(await readMediumText(medium, SUMS));
  const { problems, absent } = await compareSums(medium, file, sums, signal);
  const missing = absent.map((path) => `${path}: not on the medium`);
  return checkOf('md5sum.txt', `${sums.size} files`, [...problems, ...missing]);
};

const checkTreeinfo = async (medium: Medium, file: FileHandle, signal: AbortSignal | undefined) => {
  if (!medium.files.has(TREEINFO)) return undefined;
  const sums = treeSums(await readMediumText(medium, TREEINFO));
  if (sums.size === 0) return undefined;
  const { problems, absent } = await compareSums(medium, file, sums, signal);
  // The list is made for the tree on a mirror: `images/boot.iso` is on no medium.
  const notes = absent.length === 0 ? [] : [`not on the medium: ${absent.join(', ')}`];
  return { ...checkOf('.treeinfo', `${sums.size - absent.length} files`, problems), notes };
};

/** Lines of the lists that did not fit these files before, which a renewed list no longer shows. */
export const wrongBefore = async (
  medium: Medium,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> => {
  await using file = await openMedium(medium.iso);
  const lists: (readonly [string, ReadonlyMap<string, TreeSum>])[] = [];
  if (medium.files.has(SUMS)) lists.push([SUMS, md5Sums(await readMediumText(medium, SUMS))]);
  if (medium.files.has(TREEINFO)) lists.push([TREEINFO, treeSums(await readMediumText(medium, TREEINFO))]);
  const found: string[] = [];
  for (const [list, sums] of lists) {
    const wanted = new Map([...sums].filter(([path]) => paths.includes(path) && path !== TREEINFO));
    for (const problem of (await compareSums(medium, file, wanted, signal)).problems)
      found.push(
        `${list.slice(1)} of the original does not fit ${problem.replace(/: another sum$/, '')}; it is renewed`,
      );
  }
  return found;
};

const md5Sums = (text: string): Map<string, TreeSum> =>
  new Map([...parseSums(text)].map(([path, sum]) => [path, { algorithm: 'md5', sum }]));

const compareSums = async (
  medium: Medium,
  file: FileHandle,
  sums: ReadonlyMap<string, TreeSum>,
  signal: AbortSignal | undefined,
): Promise<{ readonly problems: string[]; readonly absent: string[] }> => {
  const problems: string[] = [];
  const there = [...sums].flatMap(([path, sum]) => {
    const extents = medium.files.get(path);
    return extents === undefined ? [] : [{ path, extents, ...sum }];
  });
  // In the order in which they lie, so that the medium is read once from front to back.
  for (const { path, extents, algorithm, sum } of there.sort((a, b) => lbaOf(a.extents) - lbaOf(b.extents))) {
    if ((await digestExtents(file, extents, algorithm, signal)) !== sum) problems.push(`${path}: another sum`);
  }
  return { problems, absent: [...sums.keys()].filter((path) => !medium.files.has(path)) };
};

const lbaOf = (extents: readonly { readonly lba: number }[]): number => extents[0]?.lba ?? 0;

const checkImplanted = async (iso: string, signal: AbortSignal | undefined) => {
  const found = await checkIsoMd5(iso, signal);
  if (found === undefined) return undefined;
  const { implanted, computed, holds } = found;
  return checkOf('isomd5', implanted.md5, holds ? [] : [`the medium's sum is ${computed.md5}`]);
};

const checkTag = async (iso: string, signal: AbortSignal | undefined) => {
  const found = await checkSuseTag(iso, signal);
  if (found === undefined) return undefined;
  const { tag, computed, holds } = found;
  const check = checkOf('suse-tag', `${tag.algorithm} ${tag.sum}`, holds ? [] : [`the medium's sum is ${computed}`]);
  return tag.signature === undefined ? check : { ...check, notes: ['its signature is not tested: that takes a key'] };
};

const checkTables = async (medium: Medium): Promise<EmbeddedCheck[]> =>
  [...(await checkBootInfo(medium))].map(([path, problem]) =>
    checkOf('boot-info-table', path, problem === undefined ? [] : [problem]),
  );

const checkOf = (kind: EmbeddedCheck['kind'], covers: string, problems: readonly string[]): EmbeddedCheck => ({
  kind,
  holds: problems.length === 0,
  covers,
  problems,
  notes: [],
});
