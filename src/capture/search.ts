/**
 * Looks for every secret and key of a build in the data of a captured disk: the whole disk, not only its files, since
 * a removed file's blocks stay. Holes are passed over.
 */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { throwIfInterrupted } from '../errors.ts';
import { run } from '../host/run.ts';
import type { Reporter } from '../report.ts';
import type { GuestFiles } from './guest-files.ts';
import { patternSearch } from './pattern-search.ts';

export interface Needle {
  /** Shown in place of the secret. */
  readonly label: string;
  readonly value: string;
  /** Files of the system where it belongs: a password hash in /etc/shadow. */
  readonly allowedIn?: readonly string[];
}

export interface Hit {
  readonly label: string;
  /** Byte of the disk. */
  readonly offset: number;
  /** The file it is in, when that can be told; absent for free blocks and what is not a file system. */
  readonly path?: string;
}

/** Shorter ones would be found everywhere. */
const SHORTEST_NEEDLE = 6;
/** For each needle; more places say nothing new. */
const MOST_HITS = 5;
/** For each needle: no file should have it more often, and looking up each place takes time. */
const MOST_PLACES = 2000;
const CHUNK = 4 << 20;

export interface SearchOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Offsets of each needle in the raw image; what lies in an allowed file is left out. */
export const searchDisk = async (
  files: GuestFiles,
  needles: readonly Needle[],
  options: SearchOptions,
): Promise<Hit[]> => {
  const hits: Hit[] = [];
  const offsets = await findOffsets(files.image, needles, options);
  const places = new Map<Needle, number>();
  for (const { needle, offset } of offsets) {
    const nth = (places.get(needle) ?? 0) + 1;
    places.set(needle, nth);
    if (nth > MOST_PLACES) continue;
    if (nth === MOST_PLACES) hits.push({ label: `${needle.label}, in more than ${MOST_PLACES} places`, offset });
    if (nth === MOST_PLACES || hits.filter(({ label }) => label === needle.label).length >= MOST_HITS) continue;
    const path = await pathAt(files, offset);
    if (path !== undefined && needle.allowedIn?.includes(path)) continue;
    hits.push({ label: needle.label, offset, ...(path === undefined ? {} : { path }) });
  }
  return hits;
};

export interface Offset {
  readonly needle: Needle;
  readonly offset: number;
}

/** Where the needles are in a file of any kind, a qcow2 layer included as long as it is not compressed. */
export const findOffsets = async (
  image: string,
  needles: readonly Needle[],
  { reporter, signal }: SearchOptions,
): Promise<Offset[]> => {
  const known = needles.filter(({ value }) => value.length >= SHORTEST_NEEDLE);
  const patterns = known.map((needle) => ({ needle, bytes: Buffer.from(needle.value) }));
  const overlap = Math.max(0, ...patterns.map(({ bytes }) => bytes.length - 1));
  const extents = await dataExtents(image);
  const total = extents.reduce((sum, { length }) => sum + length, 0);
  const buffer = Buffer.allocUnsafe(CHUNK + overlap);
  const search = patternSearch(patterns.map(({ bytes }) => bytes));
  const found: Offset[] = [];
  const counts = new Map<Needle, number>();
  let done = 0;
  const handle = await open(image, 'r');
  try {
    for (const extent of extents) {
      let carried = 0;
      for (let position = extent.start; position < extent.start + extent.length; ) {
        throwIfInterrupted(signal);
        const want = Math.min(CHUNK, extent.start + extent.length - position);
        const { bytesRead } = await handle.read(buffer, carried, want, position);
        if (bytesRead === 0) break;
        const filled = buffer.subarray(0, carried + bytesRead);
        const begin = position - carried;
        search(filled, (number, at) => {
          const needle = patterns[number]?.needle;
          const count = needle === undefined ? MOST_PLACES : (counts.get(needle) ?? 0) + 1;
          // What lies in the overlap is found twice.
          if (needle === undefined || count > 2 * MOST_PLACES) return;
          counts.set(needle, count);
          found.push({ needle, offset: begin + at });
        });
        position += bytesRead;
        done += bytesRead;
        // One byte less than the longest needle: nothing is found twice by the longest, and none is cut in two.
        const keep = Math.min(overlap, filled.length);
        filled.copy(buffer, 0, filled.length - keep);
        carried = keep;
        reporter.progress(done, total, 'bytes');
      }
    }
  } finally {
    await handle.close();
  }
  return unique(found);
};

/** A shorter needle may lie wholly in the overlap of two chunks. */
const unique = (found: readonly Offset[]): Offset[] => [
  ...new Map(found.map((one) => [`${one.offset} ${one.needle.value}`, one])).values(),
];

export interface DataExtent {
  readonly start: number;
  readonly length: number;
}

/** `qemu-img map --output=json` (qemu-img(1)). */
const mapOutput = z.array(z.object({ start: z.number(), length: z.number(), data: z.boolean() }));

/** The parts of a raw image that are not holes; adjacent ones joined. */
export const dataExtents = async (image: string): Promise<DataExtent[]> => {
  const { stdout } = await run('qemu-img', ['map', '--output=json', '-f', 'raw', image]);
  const joined: DataExtent[] = [];
  for (const { start, length, data } of mapOutput.parse(JSON.parse(stdout))) {
    if (!data) continue;
    const last = joined.at(-1);
    if (last && last.start + last.length === start) {
      joined[joined.length - 1] = { start: last.start, length: last.length + length };
    } else {
      joined.push({ start, length });
    }
  }
  return joined;
};

const pathAt = async (files: GuestFiles, offset: number): Promise<string | undefined> => {
  const mount = files.mounts.find(({ partition: { start, size } }) => offset >= start && offset < start + size);
  const inner = await mount?.ext4?.pathAt(offset - mount.partition.start);
  if (mount === undefined || inner === undefined) return undefined;
  return mount.path === '/' || !inner.startsWith('/') ? inner : `${mount.path}${inner}`;
};
