/** Reads a remastered medium again and compares it with the original: nothing else changed, and it still boots. */
import { stat } from 'node:fs/promises';
import { digestFile } from '../../host/digest.ts';
import { SUMS } from '../checks/medium-sums.ts';
import { TREEINFO } from '../checks/treeinfo.ts';
import { partitionBehind } from '../iso/appended.ts';
import { blessed } from '../iso/hfs.ts';
import { digestExtents } from '../iso/iso-digest.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import type { StagedFile } from '../staging.ts';
import { bootProblems } from './boot-kept.ts';
import { compareContents, type Verified, type VerifyOptions } from './contents.ts';
import { verifyError } from './verify-error.ts';

/**
 * `changed` are the paths that may differ from the original or be new; all of them have to be there. Throws
 * `media.verify-boot`, `media.verify-files`, `media.verify-sums`.
 */
export const verifyMedium = async (
  original: Medium,
  result: Medium,
  changed: readonly string[],
  options: VerifyOptions = {},
): Promise<Verified> => {
  const problems = bootProblems(original.boot, result.boot);
  if (problems.length > 0) throw verifyError('boot', result, 'does not boot as the original does', problems);
  const strays = treeProblems(original, result, new Set(changed));
  if (strays.length > 0) throw verifyError('files', result, 'does not have the files it should have', strays);
  return compareContents(original, result, new Set(changed), options);
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
    throw verifyError('files', medium, 'has files that are not as intended', [to]);
  }
};

/** Throws `media.verify-boot` unless the partition after the file system is what it was meant to be. */
export const requirePartition = async (
  medium: Medium,
  from: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const { size } = await stat(from);
  const at = partitionBehind(medium)?.at ?? 0;
  await using file = await openMedium(medium.iso);
  const wanted = await digestFile(from, 'sha256', signal);
  if (wanted === (await digestExtents(file, [{ lba: at / BLOCK_SIZE, size }], 'sha256', signal))) return;
  throw verifyError('boot', medium, 'does not boot as intended', ['the EFI partition holds something else']);
};

/** Throws `media.verify-boot` unless the file system for Macs starts what the original's does. */
export const requireBlessed = async (original: Medium, result: Medium): Promise<void> => {
  const [before, after] = [await blessed(original), await blessed(result)];
  if (before.join() === after.join()) return;
  throw verifyError('boot', result, 'does not boot as the original does', ['HFS+: what it blesses is another one']);
};

const treeProblems = (original: Medium, result: Medium, changed: ReadonlySet<string>): string[] => [
  ...(original.volume.hasJoliet && !result.volume.hasJoliet ? ['missing: the names for Windows (Joliet)'] : []),
  ...[...original.files.keys(), ...changed].filter((path) => !result.files.has(path)).map((path) => `missing: ${path}`),
  ...[...result.files.keys()]
    .filter((path) => !original.files.has(path) && !changed.has(path))
    .map((path) => `not wanted: ${path}`),
  ...[...original.others]
    .filter(([path, kind]) => result.others.get(path) !== kind)
    .map(([path, kind]) => `${path}: ${result.others.get(path) ?? 'missing'} instead of ${kind}`),
];
