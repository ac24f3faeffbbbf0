/** An HTTP proxy on 127.0.0.1 that knows one host: the mirror of the host's apt, under a name that stays the same. */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findMirrors } from '../../src/distributions/debian/archive/find-mirrors.ts';
import { debianRelease } from '../../src/distributions/debian/archive/releases.ts';
import { IngotError, none } from '../../src/errors.ts';

export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** What was asked for, a path each. */
  readonly asked: readonly string[];
}

/** Passes `http://HOST/debian/…` on to the mirror, and nothing else. */
export const mirrorProxy = async (release: string, host: string): Promise<Proxy> => {
  const { urls } = await findMirrors({}, debianRelease(release));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${host}`);
    asked.push(url.pathname);
    const refuse = (status: number) => response.writeHead(status, { 'content-length': 0 }).end();
    if (url.hostname !== host || !url.pathname.startsWith('/debian/')) return void refuse(404);
    fetch(`${urls.mirror}${url.pathname.slice('/debian'.length)}`, {
      method: request.method ?? 'GET',
      headers: { 'accept-encoding': 'identity', ...rangeOf(request.headers.range) },
    })
      .then(async (upstream) => {
        const told = ['content-length', 'content-range', 'last-modified'].flatMap((name) => {
          const value = upstream.headers.get(name);
          return value === null ? [] : [[name, value] as const];
        });
        response.writeHead(upstream.status, Object.fromEntries(told));
        if (request.method === 'HEAD' || upstream.body === null) return void response.end();
        await pipeline(Readable.fromWeb(upstream.body), response);
      })
      .catch(() => (response.headersSent ? response.destroy() : refuse(502)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new IngotError('real-installer.server', 'no port', { hint: none('a fault of the test') });
  return {
    port: address.port,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

const rangeOf = (range: string | undefined): Record<string, string> => (range === undefined ? {} : { range });
