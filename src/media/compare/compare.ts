/**
 * What tells two media apart, in terms of files and structures. Nothing found means that every byte is the same: the
 * files', the structures' and those between them.
 */
import type { FileHandle } from 'node:fs/promises';
import { throwIfInterrupted } from '../../errors.ts';
import { readTree } from '../iso/iso-tree.ts';
import { BLOCK_SIZE, openMedium, readDescriptors } from '../iso/iso9660.ts';
import { mediumSizeOf, readMedium } from '../iso/medium.ts';
import { type DifferenceRun, firstDifference } from './difference.ts';
import { type Difference, DifferenceList } from './difference-list.ts';
import { type Area, rawAreas } from './raw-areas.ts';
import { compareBoot, compareTrees } from './structures.ts';
import { compareDescriptors } from './volume-descriptors.ts';

export interface Comparison {
  readonly isEqual: boolean;
  /** The first of each kind. */
  readonly differences: readonly Difference[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Throws what `readMedium` throws of either. */
export const compareMedia = async (pathA: string, pathB: string, signal?: AbortSignal): Promise<Comparison> => {
  await using fileA = await openMedium(pathA);
  await using fileB = await openMedium(pathB);
  const a = await sideOf(pathA, fileA, signal);
  const b = await sideOf(pathB, fileB, signal);
  const list = new DifferenceList();
  list.compare('volume', 'size of the file', `${a.medium.volume.fileSize}`, `${b.medium.volume.fileSize}`);
  compareDescriptors(a.descriptors, b.descriptors, list);
  compareBoot(a.medium.boot, b.medium.boot, list);
  compareTrees(a.nodes, b.nodes, list);
  await compareContents(a, b, list, signal);
  await compareRaw(a, b, list, signal);
  return { isEqual: list.found.length === 0, differences: list.found, counts: list.counts };
};

const sideOf = async (path: string, file: FileHandle, signal: AbortSignal | undefined) => ({
  medium: await readMedium(path, signal),
  nodes: await readTree(path, signal),
  file,
  descriptors: await readDescriptors(file),
});

type Side = Awaited<ReturnType<typeof sideOf>>;

const compareContents = async (a: Side, b: Side, list: DifferenceList, signal: AbortSignal | undefined) => {
  for (const [path, before] of a.medium.files) {
    const after = b.medium.files.get(path);
    if (after === undefined) continue;
    throwIfInterrupted(signal);
    const [was, is] = [mediumSizeOf(before), mediumSizeOf(after)];
    if (was !== is) {
      list.add('content', path, `${was} bytes / ${is} bytes`);
      continue;
    }
    let done = 0;
    for (const [index, extent] of before.entries()) {
      const other = after[index];
      const at = await firstDifference(runOf(a, extent), runOf(b, other ?? { lba: 0, size: 0 }), signal);
      if (at !== undefined) {
        list.add('content', path, `first at byte ${done + at} of ${was}`);
        break;
      }
      done += extent.size;
    }
  }
};

const runOf = ({ file }: Side, { lba, size }: { readonly lba: number; readonly size: number }): DifferenceRun => ({
  file,
  at: lba * BLOCK_SIZE,
  length: size,
});

/** Where files lie elsewhere, the areas between them differ too; then only what does not move is compared. */
const compareRaw = async (a: Side, b: Side, list: DifferenceList, signal: AbortSignal | undefined) => {
  const [left, right] = [areasOf(a), areasOf(b)];
  const isSameLayout = left.length === right.length && left.every((area, index) => isSame(area, right[index]));
  const fixed = ({ name }: Area): boolean => isSameLayout || /^(system area|after)/.test(name);
  const others = right.filter(fixed);
  for (const [index, area] of left.filter(fixed).entries()) {
    const other = others[index];
    if (other === undefined) continue;
    const at = await firstDifference({ file: a.file, ...area }, { file: b.file, ...other }, signal);
    if (at !== undefined) list.add('raw', area.name, `first at byte ${area.at + at}`);
  }
};

const areasOf = ({ medium, nodes, descriptors }: Side): Area[] => rawAreas(medium, nodes, descriptors.length);

const isSame = (a: Area, b: Area | undefined): boolean =>
  b !== undefined && a.name === b.name && a.at === b.at && a.length === b.length;
