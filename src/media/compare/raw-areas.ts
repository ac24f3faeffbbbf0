/** The bytes of a medium that belong to no file, with names for what lies there. */
import type { IsoNode } from '../iso/iso-tree.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';

export interface Area {
  readonly name: string;
  /** In bytes. */
  readonly at: number;
  readonly length: number;
}

const SYSTEM_AREA = 16 * BLOCK_SIZE;

/** All of them, in their order. The volume descriptors are left out: they are compared field by field. */
export const rawAreas = (medium: Medium, nodes: readonly IsoNode[], descriptors: number): Area[] => {
  const { fileSize, volumeSize } = medium.volume;
  const descriptorsEnd = SYSTEM_AREA + descriptors * BLOCK_SIZE;
  const directories = nodes
    .filter(({ isDirectory }) => isDirectory)
    .map((node) => areaOf(`directory ${node.path}`, node));
  const files = [...medium.files].flatMap(([path, extents]) => extents.map((extent) => areaOf(path, extent)));
  const known = [{ name: 'volume descriptors', at: SYSTEM_AREA, length: descriptorsEnd - SYSTEM_AREA }, ...files];
  const areas: Area[] = [...directories];
  let at = 0;
  for (const area of [...known, ...directories].sort((a, b) => a.at - b.at)) {
    if (area.at > at) areas.push({ name: nameOf(at, volumeSize), at, length: area.at - at });
    at = Math.max(at, area.at + area.length);
  }
  // Split where the file system ends: what follows is a partition of its own, or a backup of the GPT.
  for (const [from, to] of [
    [at, Math.max(at, Math.min(volumeSize, fileSize))],
    [Math.max(at, volumeSize), fileSize],
  ] as const)
    if (to > from) areas.push({ name: nameOf(from, volumeSize), at: from, length: to - from });
  return areas.sort((a, b) => a.at - b.at);
};

const areaOf = (name: string, { lba, size }: { readonly lba: number; readonly size: number }): Area => ({
  name,
  at: lba * BLOCK_SIZE,
  length: size,
});

const nameOf = (at: number, volumeSize: number): string => {
  if (at < SYSTEM_AREA) return 'system area (MBR, GPT, boot code)';
  return at >= volumeSize ? 'after the file system' : 'between files (path tables, hidden images, padding)';
};
