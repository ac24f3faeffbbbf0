/** A medium with some files added, replaced or removed, as far as xorriso makes it: a copy that grows, or a new one. */
import { join } from 'node:path';
import { hasHfs, partitionBehind } from './appended.ts';
import { type Begun, beginCopy, extractAppended } from './copy-iso.ts';
import { growthOf, mendStatedSizes } from './growth.ts';
import { hfsArgs } from './hfs.ts';
import type { Medium } from './medium.ts';
import { writeIso } from './write-iso.ts';
import type { XorrisoOptions } from './xorriso.ts';
import { type RewriteArgs, rewriteArgs } from './xorriso-args.ts';

export type Changes = Pick<RewriteArgs, 'files' | 'folders' | 'remove' | 'volumeId' | 'appended'>;

export interface ChangedPlace extends XorrisoOptions {
  readonly output: string;
  /** For what xorriso needs as a file meanwhile. */
  readonly folder: string;
  /** About as large as the medium will be, in bytes. */
  readonly size: number;
  readonly epoch: number;
}

/** Only `passThrough` makes it whole. Throws `host.no-space`. */
export const writeChanged = async (original: Medium, changes: Changes, place: ChangedPlace): Promise<Begun> => {
  const { iso, volume } = original;
  const { output, folder, signal } = place;
  // What is removed must not take room any more.
  const growth = changes.remove.length === 0 ? growthOf(original, place.size) : undefined;
  const begun = growth ? await beginCopy(original, growth, output, signal) : { isShared: false, bulk: [] };
  const behind = growth ? growth.appended : partitionBehind(original);
  const appended = changes.appended ?? (behind && { ...behind, from: join(folder, 'appended') });
  if (behind && appended && changes.appended === undefined) await extractAppended(iso, behind, appended.from);
  const hfs = hasHfs(original.boot) ? await hfsArgs(original) : undefined;
  const args = { ...changes, iso, output, appended, epoch: place.epoch, stamp: volume.stamp };
  await writeIso(rewriteArgs({ ...args, grow: growth !== undefined, joliet: volume.hasJoliet, hfs }), place);
  if (growth) await mendStatedSizes(output, growth);
  return begun;
};
