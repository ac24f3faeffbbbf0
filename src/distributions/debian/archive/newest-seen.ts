/**
 * The newest Release file of each suite that this store has seen. A signature says who made an index, and not that it is
 * today's: whoever answers for a mirror could give an old one, with packages whose faults are known by now.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { sha256, writeFileWhole } from '../../../host/files.ts';
import { ifThere } from '../../../host/if-there.ts';

/** The folder of these records, beside apt's state in the store. */
export const NEWEST = 'newest';

export interface SeenRelease {
  /** The archive, whatever its mirror, or a repository: the same suite of another one is another suite. */
  readonly archive: string;
  readonly suite: string;
  readonly date: Date;
  /** Fingerprints of who signed it. */
  readonly signers: readonly string[];
  /** Where it came from this time, for an error. */
  readonly where: string;
}

export interface SeenOptions {
  /** Of the store. */
  readonly folder: string;
  /** An older one is taken, and told. */
  readonly allowOlder: boolean;
}

/** Throws `origin.index-older`. Returns a note when an older one is taken; what is newest is remembered. */
export const requireNotOlder = async (
  { archive, suite, date, signers, where }: SeenRelease,
  { folder, allowOlder }: SeenOptions,
): Promise<string | undefined> => {
  await mkdir(folder, { recursive: true });
  let newest: Date | undefined;
  for (const signer of signers) {
    // By signer: one of them cannot be taken away to forget what was seen with it.
    const path = join(folder, `${sha256(JSON.stringify([archive, suite, signer]))}.json`);
    const seen = await readSeen(path);
    if (seen !== undefined && seen > date) newest = newest === undefined || seen > newest ? seen : newest;
    else if (seen === undefined || seen < date)
      await writeFileWhole(path, `${JSON.stringify({ archive, suite, signer, date: date.toISOString() })}\n`);
  }
  if (newest === undefined) return undefined;
  const message = `the index of ${suite} is of ${date.toISOString()}, and one of ${newest.toISOString()} was seen before`;
  if (allowOlder) return `${message}; it is taken, as --allow-older says`;
  throw new IngotError('origin.index-older', message, {
    where,
    hint: 'The mirror lags behind, or somebody holds updates back: try again later, or another mirror. --allow-older takes the older one, as for a snapshot.',
  });
};

const readSeen = async (path: string): Promise<Date | undefined> => {
  const [, text = ''] = /"date":"([^"]+)"/.exec((await ifThere(readFile(path, 'utf8'))) ?? '') ?? [];
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
};
