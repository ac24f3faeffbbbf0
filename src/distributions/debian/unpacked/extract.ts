/** Packages out of the store, checked and taken apart ahead of their turn. */
import type { BlobStore } from '../../../origin/blobs.ts';
import type { LockedDeb } from '../archive/package-lock.ts';
import { type ExtractedDeb, extractDebs } from './deb.ts';

/** Packages of a batch, and how many batches are being decompressed while another one is used. */
const BATCH = 16;
const AHEAD = 2;

export interface Extraction<Deb> {
  readonly deb: Deb;
  /** Below the folder; whoever takes them removes them. */
  readonly archives: ExtractedDeb;
}

/** In the order of `debs`. Whoever stops early stops what is running. Throws `origin.digest-mismatch` for a damaged one. */
export async function* extractAhead<Deb extends LockedDeb>(
  debs: readonly Deb[],
  {
    folder,
    store,
    signal,
  }: { readonly folder: string; readonly store: BlobStore; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Extraction<Deb>> {
  const stop = new AbortController();
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
  const extract = async (batch: readonly Deb[]): Promise<Extraction<Deb>[]> => {
    // One after the other: each holds buffers of a megabyte, and they are digested on one processor anyway.
    const paths: string[] = [];
    for (const deb of batch) paths.push(await store.checked(deb, deb.filename));
    const archives = await extractDebs(paths, folder, signals);
    return batch.flatMap((deb, index) => archives.slice(index, index + 1).map((found) => ({ deb, archives: found })));
  };
  const running: Promise<Extraction<Deb>[]>[] = [];
  try {
    for (let start = 0; start < debs.length; start += BATCH) {
      const next = extract(debs.slice(start, start + BATCH));
      // A failure is reported when its turn comes.
      next.catch(() => {});
      running.push(next);
      const first = running.length > AHEAD ? running.shift() : undefined;
      if (first !== undefined) yield* await first;
    }
    for (let first = running.shift(); first !== undefined; first = running.shift()) yield* await first;
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}
