/**
 * A large file over http(s), resumed where it broke off: what has come lies in a .part file, a Range request (RFC 9110,
 * 14.2) asks for the rest.
 */
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngotError, interrupted, messageOf } from '../errors.ts';
import { requireSpace } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import type { Reporter } from '../report.ts';

export interface DownloadOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before a broken connection is tried again, times the number of the try. */
  readonly pause?: number;
  /** Bytes that a download of unknown length has to leave free. */
  readonly leftFree?: number;
  /** The field of the recipe that names the URL, for errors; origin.iso when absent. */
  readonly field?: string;
  /** For what is small and only as safe as its connection: it is fetched from the beginning each time, over https only. */
  readonly small?: { readonly most: number };
}

const TRIES = 4;
const LEFT_FREE = 2 ** 30;
/** How often it is looked at, bytes. */
const LOOK_EVERY = 64 * 2 ** 20;
/** Statuses after which another try makes sense. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Brings `url` into the file `part`, going on after its end. Throws `origin.download-failed`. */
export const download = async (url: string, part: string, options: DownloadOptions): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchRest(url, part, options);
    } catch (error) {
      if (options.signal?.aborted) throw interrupted(options.signal.reason);
      if (error instanceof IngotError || isRefused(error) || attempt === TRIES) throw failure(url, error);
      options.reporter.note(`${messageOf(error)}; going on with the download (try ${attempt + 1} of ${TRIES})`);
      await sleep((options.pause ?? 2000) * attempt, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
};

/** OpenSSL's and Node's names: another try sees the same certificate. */
const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_PURPOSE)/;

const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  CERTIFICATE.test(String(error.cause.code));

const failure = (url: string, error: unknown): IngotError => {
  if (error instanceof IngotError) return error;
  const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
  if (isRefused(error))
    return new IngotError('origin.certificate-refused', `the server's certificate is not valid${cause}`, {
      where: url,
      hint: 'Is it the right server, and the clock right? NODE_EXTRA_CA_CERTS names further certificate authorities.',
      cause: error,
    });
  return new IngotError('origin.download-failed', `${messageOf(error)}${cause}`, {
    where: url,
    hint: 'What has come is kept; the next build goes on from there.',
    cause: error,
  });
};

const fetchRest = async (url: string, part: string, options: DownloadOptions): Promise<void> => {
  const { reporter, signal, leftFree = LEFT_FREE, small } = options;
  const have = small ? 0 : ((await ifThere(stat(part)))?.size ?? 0);
  const request = {
    headers: have > 0 ? { range: `bytes=${have}-`, 'accept-encoding': 'identity' } : { 'accept-encoding': 'identity' },
    signal: signal ?? null,
  };
  const response = small ? await fetchSecurely(url, request) : await fetch(url, request);
  if (response.status === 416) {
    await response.body?.cancel();
    return afterTheEnd(response, part, have);
  }
  if (!response.ok || response.body === null) throw refused(url, response, options.field);
  const start = response.status === 206 ? have : 0;
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(length) ? undefined : start + length;
  if (total !== undefined) await requireSpace(dirname(part), total - start, 'the download');
  let done = start;
  let looked = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    if (total !== undefined || done - looked < LOOK_EVERY) return;
    looked = done;
    await requireSpace(dirname(part), leftFree, 'a download without a stated length');
  };
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      if (small && done > small.most) return next(tooLarge(url, small.most));
      reporter.progress(done, total, 'bytes');
      look().then(() => next(null, chunk), next);
    },
  });
  const sink = createWriteStream(part, { flags: start > 0 ? 'a' : 'w' });
  try {
    await pipeline(Readable.fromWeb(response.body), meter, sink, signal ? { signal } : {});
  } catch (error) {
    // A download without end is of no use, and fills the disk.
    if (total === undefined && error instanceof IngotError) await rm(part, { force: true });
    throw error;
  }
  if (total !== undefined && done < total) throw new Error(`the connection ended after ${done} of ${total} bytes`);
};

/** 416: nothing is left to ask for. A file that is longer than the original is fetched from the beginning. */
const afterTheEnd = async (response: Response, part: string, have: number): Promise<void> => {
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (total === String(have)) return;
  await rm(part, { force: true });
  throw new Error('the server has another file than before');
};

const MOST_REDIRECTS = 5;

/** After a redirect to an address without https, anybody on the way could pose as the publisher. */
const fetchSecurely = async (url: string, request: RequestInit): Promise<Response> => {
  let at = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    if (!at.startsWith('https://'))
      throw new IngotError('origin.not-secure', `the server leads to ${at}, which is not https`, {
        where: url,
        hint: 'Name an address that stays with https: anybody may have changed what comes without it.',
      });
    const response = await fetch(at, { ...request, redirect: 'manual' });
    const next = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (next === null) return response;
    await response.body?.cancel();
    at = new URL(next, at).href;
  }
  throw new IngotError('origin.download-failed', `the server leads on more than ${MOST_REDIRECTS} times`, {
    where: url,
    hint: 'Name the address to which it leads.',
  });
};

const tooLarge = (url: string, most: number): IngotError =>
  new IngotError('origin.download-too-large', `it is larger than ${most / 1024} KiB`, {
    where: url,
    hint: 'Is this the address of the sums or their signature, and not of an image?',
  });

const refused = (url: string, response: Response, field = 'origin.iso'): Error => {
  const said = `the server answered ${response.status} ${response.statusText}`.trim();
  if (PASSING.has(response.status)) return new Error(said);
  return new IngotError('origin.download-failed', said, { where: url, hint: `Check the URL in ${field}.` });
};
