/**
 * The last word on sealing: every item of the list is looked up on the captured disk, and every secret and key of the
 * build is searched for in its data. A script that ended well proves nothing.
 */
import { IngotError } from '../errors.ts';
import type { SealUnit } from '../guest/seal/unit.ts';
import type { Seal, SealOperation } from '../recipe/schema.ts';
import { checkSeal } from './check-seal.ts';
import type { GuestFiles } from './guest-files.ts';
import { type Needle, type SearchOptions, searchDisk } from './search.ts';

export interface SealFinding {
  readonly operation: SealOperation | 'seal.remove' | 'shutdown';
  readonly message: string;
}

/** What is not as sealing leaves it; the operations that the recipe skips are not looked at. */
export const inspectSeal = async (
  files: GuestFiles,
  units: readonly SealUnit[],
  { skip, remove }: Seal,
): Promise<SealFinding[]> => {
  const findings: SealFinding[] = [];
  for (const { name, checks } of units) {
    if (skip.includes(name)) continue;
    for (const check of checks) {
      for (const message of await checkSeal(check, files)) findings.push({ operation: name, message });
    }
  }
  for (const path of remove) {
    const there = (await files.link(path)) ?? (await files.find(path));
    if (there !== undefined) findings.push({ operation: 'seal.remove', message: `${path} is there` });
  }
  return [...findings, ...(await inspectShutdown(files))];
};

/** The machine powered off with its file systems read-only: nothing is left to replay, no removed file is kept. */
const inspectShutdown = async ({ mounts }: GuestFiles): Promise<SealFinding[]> => {
  const wrong = mounts.map(async ({ path, ext4 }): Promise<SealFinding[]> => {
    const header = await ext4?.header();
    if (header === undefined) return [];
    const found = (message: string): SealFinding => ({ operation: 'shutdown', message: `${path}: ${message}` });
    return [
      ...(header.clean ? [] : [found('the file system was not left clean')]),
      ...(header.hasOrphans ? [found('files that were removed while open still hold blocks')] : []),
    ];
  });
  return (await Promise.all(wrong)).flat();
};

/** Throws `capture.not-sealed` with everything that is wrong, or `capture.secret-found` with every place. */
export const assertSealed = async (
  files: GuestFiles,
  { units, seal }: { readonly units: readonly SealUnit[]; readonly seal: Seal },
  needles: readonly Needle[],
  options: SearchOptions,
): Promise<void> => {
  const findings = await inspectSeal(files, units, seal);
  if (findings.length > 0) {
    throw new IngotError('capture.not-sealed', `the captured disk is not sealed: ${findings.length} findings`, {
      where: files.image,
      detail: findings.map(({ operation, message }) => `${operation}: ${message}`).join('\n'),
      hint: 'A step or a package may have made it again. `seal.remove` takes further paths; `seal.skip` leaves an operation out.',
    });
  }
  const hits = await searchDisk(files, needles, options);
  if (hits.length === 0) return;
  throw new IngotError('capture.secret-found', 'a secret of this build is on the captured disk', {
    where: files.image,
    detail: hits
      .map(({ label, offset, path }) => `${label}: byte ${offset}, ${path ?? 'in no file (a freed block)'}`)
      .join('\n'),
    hint: 'Remove it in the last step, or name the file under `seal.remove`. In a freed block: do not skip `trim`.',
  });
};
