/**
 * A complete archive on 127.0.0.1: what was made comes from the cache, everything else from the mirror as it comes. Both
 * the release's suites and the security suite, under paths of their own.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { IngotError, messageOf, none } from '../../src/errors.ts';
import type { CompleteArchive } from './archive.ts';

export interface ServedArchive extends AsyncDisposable {
  /** For a recipe's `origin`. */
  readonly mirror: string;
  readonly securityMirror: string;
  readonly keyring: string;
}

export const serveArchive = async (archive: CompleteArchive): Promise<ServedArchive> => {
  const server = createServer((request, response) => {
    answer(archive, request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 502, messageOf(error));
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new IngotError('real-installer.server', 'no port', { hint: none('a fault of the test') });
  const base = `http://127.0.0.1:${address.port}`;
  return {
    mirror: `${base}${PATHS.mirror}`,
    securityMirror: `${base}${PATHS.security}`,
    keyring: archive.keyring,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

const PATHS = { mirror: '/debian', security: '/debian-security' } as const;

const answer = async (archive: CompleteArchive, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD');
  const raw = (request.url ?? '').replace(/[?#].*$/, '');
  const name = (Object.keys(PATHS) as (keyof typeof PATHS)[]).find((one) => raw.startsWith(`${PATHS[one]}/`));
  const path = name === undefined ? undefined : pathOf(raw.slice(PATHS[name].length + 1));
  if (name === undefined || path === undefined) return refuse(response, 404, 'no such path');
  if (name === 'mirror') {
    const file = join(archive.folder, path);
    if ((await stat(file).catch(() => undefined))?.isFile()) return await sendFile(file, request, response);
    // The mirror's would not fit the Release that was made.
    if (isReplaced(path, archive.codename)) return refuse(response, 404, 'not in this archive');
  }
  const upstream = `${archive.mirrors.urls[name]}/${raw.slice(PATHS[name].length + 1)}`;
  if (/^(file|copy):/.test(upstream)) {
    return await sendFile(
      fileURLToPath(upstream.replace(/^copy:/, 'file:').replace(/^file:\/*/, 'file:///')),
      request,
      response,
    );
  }
  await passOn(upstream, request, response);
};

const isReplaced = (path: string, codename: string): boolean =>
  [`dists/${codename}/Release`, `dists/${codename}/main/debian-installer/binary-amd64/`].some((start) =>
    path.startsWith(start),
  );

/** Undefined for one that leaves the root. */
const pathOf = (raw: string): string | undefined => {
  try {
    const path = decodeURIComponent(raw);
    return path.split('/').includes('..') || path.includes('\0') ? undefined : path;
  } catch {
    return undefined;
  }
};

const refuse = (response: ServerResponse, status: number, why: string): void => {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(why) }).end(why);
};

/** With what apt asks for: the part of a file that it lacks, or whether it changed. */
const sendFile = async (file: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return refuse(response, 404, 'no such file');
  const modified = found.mtime.toUTCString();
  const headers = { 'accept-ranges': 'bytes', 'last-modified': modified, 'content-type': 'application/octet-stream' };
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  if (Date.parse(modified) <= since) return void response.writeHead(304, headers).end();
  const unchanged = [undefined, modified].includes(request.headers['if-range']?.toString());
  const [, first, last] = (unchanged && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
  const start = first === undefined ? 0 : Number(first);
  const end = Math.min(last ? Number(last) : found.size - 1, found.size - 1);
  if (first !== undefined && start > end) {
    return void response.writeHead(416, { 'content-range': `bytes */${found.size}`, 'content-length': 0 }).end();
  }
  const range = first === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${found.size}` };
  response.writeHead(first === undefined ? 200 : 206, { ...headers, ...range, 'content-length': end - start + 1 });
  if (request.method === 'HEAD' || found.size === 0) return void response.end();
  await pipeline(createReadStream(file, { start, end }), response);
};

const ASKED = ['range', 'if-range', 'if-modified-since', 'cache-control', 'user-agent'];
const TOLD = ['content-length', 'content-range', 'content-type', 'last-modified', 'accept-ranges', 'etag'];

const passOn = async (url: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const stop = new AbortController();
  response.once('close', () => stop.abort());
  const asked = ASKED.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const upstream = await fetch(url, {
    method: request.method ?? 'GET',
    // Nothing may be packed on the way: lengths and ranges are those of the file.
    headers: { ...Object.fromEntries(asked), 'accept-encoding': 'identity' },
    signal: stop.signal,
  });
  const told = TOLD.flatMap((name) => {
    const value = upstream.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  response.writeHead(upstream.status, Object.fromEntries(told));
  if (request.method === 'HEAD' || upstream.body === null) return void response.end();
  await pipeline(Readable.fromWeb(upstream.body), response);
};
