/** Reads a remastered medium again and holds it against the original: nothing else changed, and it boots as well. */
import type { FileHandle } from 'node:fs/promises';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { digestFile } from '../../host/digest.ts';
import { bootPathsOf } from '../boot/boot-paths.ts';
import { parseSums } from '../checks/md5sums.ts';
import { SUMS } from '../checks/medium-sums.ts';
import { TREEINFO } from '../checks/treeinfo.ts';
import { firstDifference, type Range } from '../compare/difference.ts';
import { digestExtents } from '../iso/digest.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import { type Medium, readMediumText, sizeOf } from '../iso/medium.ts';
import type { BootReport, Extent, Partition } from '../iso/xorriso-report.ts';
import type { StagedFile } from '../staging.ts';

export interface Verified {
  /** Files that are the original's, byte for byte. */
  readonly unchanged: number;
  /** Boot images whose line in `md5sum.txt` was wrong in the original already. */
  readonly staleSums: readonly string[];
}

/**
 * `changed` are the paths that may differ from the original or be new; all of them have to be there. Throws
 * `media.verify-boot`, `media.verify-files`, `media.verify-sums`.
 */
export const verifyMedium = async (
  original: Medium,
  result: Medium,
  changed: readonly string[],
  signal?: AbortSignal,
): Promise<Verified> => {
  const problems = bootProblems(original.boot, result.boot);
  if (problems.length > 0) throw failure('boot', result, 'does not boot as the original does', problems);
  const strays = treeProblems(original, result, new Set(changed));
  if (strays.length > 0) throw failure('files', result, 'does not have the files it should have', strays);
  return compareContents(original, result, new Set(changed), signal);
};

/**
 * Throws `media.verify-files` unless the medium has every staged file as it was staged. The list of sums is left out:
 * it is renewed on the medium, and each of its lines is checked by itself.
 */
export const requireWritten = async (
  medium: Medium,
  files: readonly StagedFile[],
  signal: AbortSignal | undefined,
): Promise<void> => {
  await using result = await openMedium(medium.iso);
  for (const { from, to } of files) {
    if (to === SUMS || to === TREEINFO) continue;
    const extents = medium.files.get(to) ?? [];
    const sums = await Promise.all([
      digestFile(from, 'sha256', signal),
      digestExtents(result, extents, 'sha256', signal),
    ]);
    if (sums[0] === sums[1]) continue;
    throw failure('files', medium, 'has files that are not as they were meant to be', [to]);
  }
};

const failure = (what: string, { iso }: Medium, how: string, problems: readonly string[]) =>
  new IngotError(`media.verify-${what}`, `the medium ${how}`, { where: iso, detail: problems.slice(0, 20).join('\n') });

/** What the original's boot structures have and the result's do not. */
export const bootProblems = (before: BootReport, after: BootReport): string[] => {
  const missing = <T>(name: string, from: readonly T[], to: readonly T[], shape: (item: T) => string): string[] => {
    const have = to.map(shape);
    return from.map(shape).flatMap((wanted) => {
      const at = have.indexOf(wanted);
      if (at < 0) return [`${name}: ${wanted}`];
      have.splice(at, 1);
      return [];
    });
  };
  const moved = [...after.mbr, ...after.gpt].filter(({ path, start }) => {
    const image = after.elTorito.find((candidate) => candidate.path === path && path !== undefined);
    return image !== undefined && image.lba * 4 !== start;
  });
  return [
    ...missing('boot path', bootPathsOf(before), bootPathsOf(after), (path) => path),
    ...missing('El Torito', before.elTorito, after.elTorito, (image) =>
      [image.platform, image.bootable, image.emulation, image.path ?? '', ...image.options].join(' '),
    ),
    ...missing('system area', before.systemArea, after.systemArea, (word) => word),
    ...missing('MBR partition', before.mbr, after.mbr, ({ number, type, active }) => `${number} ${type} ${active}`),
    ...missing(
      'GPT partition',
      before.gpt.filter((partition) => !isFiller(partition)),
      after.gpt,
      ({ number, type }) => `${number} ${type}`,
    ),
    ...moved.map(({ number }) => `partition ${number} does not begin where its EFI image lies`),
  ];
};

/** xorriso fills gaps of a GPT with partitions (`Gap1`) that hold nothing; whether there is a gap depends on sizes. */
const isFiller = ({ name, path }: Partition): boolean => path === undefined && /^Gap\d*$/.test(name ?? '');

const treeProblems = (original: Medium, result: Medium, changed: ReadonlySet<string>): string[] => [
  ...[...original.files.keys(), ...changed].filter((path) => !result.files.has(path)).map((path) => `missing: ${path}`),
  ...[...result.files.keys()]
    .filter((path) => !original.files.has(path) && !changed.has(path))
    .map((path) => `not wanted: ${path}`),
  ...[...original.others]
    .filter(([path, kind]) => result.others.get(path) !== kind)
    .map(([path, kind]) => `${path}: ${result.others.get(path) ?? 'missing'} instead of ${kind}`),
];

/**
 * What should be as it was is compared byte by byte, which takes a third of the time of its sum; what was changed has a
 * renewed line. Of a boot image both: mastering writes into it, and lists of sums are known that do not know of it.
 */
const compareContents = async (
  original: Medium,
  result: Medium,
  changed: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<Verified> => {
  const sums = await sumsOf(result);
  await using from = await openMedium(original.iso);
  await using to = await openMedium(result.iso);
  const sumHolds = async (path: string, extents: readonly Extent[]): Promise<boolean> => {
    const sum = sums.get(path);
    return sum === undefined || (await digestExtents(to, extents, 'md5', signal)) === sum;
  };
  const staleSums: string[] = [];
  const files = [...result.files].sort(([, [a]], [, [b]]) => (a?.lba ?? 0) - (b?.lba ?? 0));
  for (const [path, extents] of files) {
    throwIfInterrupted(signal);
    if (changed.has(path)) {
      if (await sumHolds(path, extents)) continue;
      throw failure('sums', result, 'has a wrong sum', [`md5sum.txt: ${path}`]);
    }
    const ignored = patchedBytes(original.boot, path);
    const isSame = await sameBytes([from, original.files.get(path) ?? []], [to, extents], ignored, signal);
    if (!isSame) throw failure('files', result, 'has changed files that should be as they were', [path]);
    if (ignored.length > 0 && !(await sumHolds(path, extents))) staleSums.push(path);
  }
  return { unchanged: files.filter(([path]) => !changed.has(path)).length, staleSums };
};

const sumsOf = async (medium: Medium): Promise<Map<string, string>> =>
  medium.files.has(SUMS) ? parseSums(await readMediumText(medium, SUMS)) : new Map();

/** The bytes of a boot image into which mastering writes its address: from, to. GRUB's image has both. */
const patchedBytes = (boot: BootReport, path: string): readonly Range[] => {
  const options = boot.elTorito.find((image) => image.path === path)?.options ?? [];
  return [
    ...(options.includes('boot-info-table') ? [[8, 64] as const] : []),
    ...(options.includes('grub2-boot-info') ? [[2548, 2556] as const] : []),
  ];
};

type Place = readonly [FileHandle, readonly Extent[]];

const sameBytes = async (
  [from, before]: Place,
  [to, after]: Place,
  ignored: readonly Range[],
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  if (sizeOf(before) !== sizeOf(after) || before.length !== after.length) return false;
  for (const [index, { lba, size }] of before.entries()) {
    const a = { file: from, at: lba * BLOCK_SIZE, length: size };
    const b = { file: to, at: (after[index]?.lba ?? 0) * BLOCK_SIZE, length: after[index]?.size ?? 0 };
    if ((await firstDifference(a, b, signal, index === 0 ? ignored : [])) !== undefined) return false;
  }
  return true;
};
