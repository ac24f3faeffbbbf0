/** A medium that is read in place: its volume, its boot structures, its files by extent. Nothing is unpacked. */
import { IngotError } from '../../errors.ts';
import { pieces } from '../../host/pieces.ts';
import { catalogProblems } from '../checks/el-torito.ts';
import { damaged } from './damaged.ts';
import { readTree } from './iso-tree.ts';
import { BLOCK_SIZE, openMedium, readAt, readVolume, type Volume } from './iso9660.ts';

import { READ_TIMEOUT, reasonsOf, requireXorriso, xorriso } from './xorriso.ts';
import { reportArgs } from './xorriso-args.ts';
import { type Extent, type MediumReport, parseReport } from './xorriso-report.ts';

export interface Medium extends MediumReport {
  readonly iso: string;
  readonly volume: Volume;
}

/** Throws `media.not-found`, `media.not-an-iso`, `media.truncated`, `media.damaged`, `host.tool-too-old`. */
export const readMedium = async (iso: string, signal?: AbortSignal): Promise<Medium> => {
  const volume = await readVolume(iso);
  await readTree(iso, signal);
  await requireXorriso();
  return { iso, volume, ...parseReport(await report(iso, signal)) };
};

/** Our own check of the directories comes first; what only xorriso cannot read is damage as well. */
const report = async (iso: string, signal: AbortSignal | undefined): Promise<string> => {
  try {
    return (await xorriso(reportArgs(iso), { signal, timeout: READ_TIMEOUT })).stdout;
  } catch (cause) {
    if (!(cause instanceof IngotError) || !/^host\.command-(failed|timeout)$/.test(cause.code)) throw cause;
    await using file = await openMedium(iso);
    const own = await catalogProblems(file);
    const its = reasonsOf(cause.detail ?? '').map((reason) => `xorriso: ${reason}`);
    throw damaged(iso, [...own, ...(own.length + its.length > 0 ? its : [cause.message])].join('\n'), cause);
  }
};

/** A file's bytes; throws `media.file-missing`. Meant for small files: menus, sums, EFI images. */
export const readMediumFile = async (medium: Medium, path: string): Promise<Buffer> => {
  const extents = extentsOf(medium, path);
  await using file = await openMedium(medium.iso);
  const parts: Buffer[] = [];
  for (const { lba, size } of extents) parts.push(await readAt(file, lba * BLOCK_SIZE, size));
  return Buffer.concat(parts);
};

/** A file's bytes for large files: each piece is valid until the next one is asked for. */
export async function* mediumFilePieces(medium: Medium, path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const extents = extentsOf(medium, path);
  await using file = await openMedium(medium.iso);
  for (const { lba, size } of extents)
    for await (const { bytes } of pieces(file, lba * BLOCK_SIZE, size, signal)) yield bytes;
}

const extentsOf = (medium: Medium, path: string): readonly Extent[] => {
  const extents = medium.files.get(path);
  if (extents) return extents;
  throw new IngotError('media.file-missing', `${path} is not on the medium`, {
    where: medium.iso,
    hint: '`xorriso -indev ISO -find /` lists what is on it. A medium that is only a part of a set lacks files.',
  });
};

export const readMediumText = async (medium: Medium, path: string): Promise<string> =>
  (await readMediumFile(medium, path)).toString('utf8');

export const mediumSizeOf = (extents: readonly Extent[]): number => extents.reduce((sum, { size }) => sum + size, 0);
