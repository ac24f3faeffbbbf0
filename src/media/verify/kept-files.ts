/** A remastered medium compared with its original: what is new, what changed, and whether that was allowed. */
import { IngotError } from '../../errors.ts';
import { SUMS } from '../checks/medium-sums.ts';
import { TREEINFO } from '../checks/treeinfo.ts';
import { removedPaths, without } from '../content/changes.ts';
import { neededPaths } from '../content/needed.ts';
import { digestExtents } from '../iso/iso-digest.ts';
import { openMedium } from '../iso/iso9660.ts';
import { type Medium, mediumSizeOf } from '../iso/medium.ts';
import { readBootMenus } from '../menus/boot-menus.ts';
import { efiProblems } from './efi-kept.ts';
import { requireBlessed, verifyMedium } from './verify.ts';
import { NOT_TO_BE_USED } from './verify-error.ts';

export interface Kept {
  /** Files that are the original's, byte for byte. */
  readonly unchanged: number;
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What may differ from the original, or be missing: paths on the medium, of folders too. */
export interface Stated {
  readonly changed?: readonly string[] | undefined;
  readonly removed?: readonly string[] | undefined;
}

/**
 * Files that a remaster changes by its nature may differ (menus, the EFI image, lists of sums), and those of `stated`;
 * files may be added. What is stated to be removed has to be gone. Throws `media.verify-boot`, `media.verify-files`, `media.verify-sums` for anything else.
 */
export const checkKept = async (whole: Medium, result: Medium, stated: Stated, signal?: AbortSignal): Promise<Kept> => {
  const menus = await readBootMenus(whole, signal);
  const gone = removedPaths(whole, neededPaths(whole, menus), stated.removed ?? []);
  const original = without(whole, gone);
  const back = [...gone].filter((path) => result.files.has(path) && !stated.changed?.includes(path));
  if (back.length > 0)
    throw new IngotError('media.verify-files', 'the medium still has files that were to be removed', {
      where: result.iso,
      detail: back.slice(0, 20).join('\n'),
      hint: 'Leave out --removed for what stays, or make the medium again.',
    });
  const mayDiffer = [
    ...menus.files.keys(),
    ...menus.images.flatMap(({ path }) => (path === undefined ? [] : [path])),
    SUMS,
    TREEINFO,
    ...(stated.changed ?? []),
  ];
  const candidates = [...new Set(mayDiffer)].filter((path) => original.files.has(path) && result.files.has(path));
  const added = [...result.files.keys()].filter((path) => !original.files.has(path)).sort();
  const changed = await differing(original, result, candidates, signal);
  const { unchanged } = await verifyMedium(original, result, [...changed, ...added], { signal });
  await requireBlessed(original, result);
  const problems = await efiProblems(original, result, signal);
  if (problems.length > 0)
    throw new IngotError('media.verify-boot', 'the medium does not boot as the original does', {
      where: result.iso,
      detail: problems.join('\n'),
      hint: NOT_TO_BE_USED,
    });
  return { unchanged, changed: changed.sort(), added, removed: [...gone].sort() };
};

const differing = async (
  original: Medium,
  result: Medium,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> => {
  await using before = await openMedium(original.iso);
  await using after = await openMedium(result.iso);
  const found: string[] = [];
  for (const path of paths) {
    const [was = [], is = []] = [original.files.get(path), result.files.get(path)];
    const isSame =
      mediumSizeOf(was) === mediumSizeOf(is) &&
      (await digestExtents(before, was, 'sha256', signal)) === (await digestExtents(after, is, 'sha256', signal));
    if (!isSame) found.push(path);
  }
  return found;
};
