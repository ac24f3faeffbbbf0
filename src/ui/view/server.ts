/**
 * The live page of a build, for this host alone: HTTP on 127.0.0.1, a link that works once, and server-sent events
 * (WHATWG HTML, 9.2). Whoever opens the link first gets a cookie; everybody else, and every page of another origin, is
 * refused.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createViewState, type ViewEvent } from './state.ts';
import { viewPage } from './view-page.ts';

export interface View extends AsyncDisposable {
  /** With its token: for the user's eyes only. */
  readonly link: string;
  tell(event: ViewEvent): void;
}

/** Characters that may wait for one reader; a slower one is cut off, connects again, and gets the state at that time. */
const MOST_WAITING = 4 * 2 ** 20;
/** For the last words to go out; milliseconds. */
const CLOSING_LIMIT = 2000;

export const openView = async (): Promise<View> => {
  const state = createViewState();
  const readers = new Set<ServerResponse>();
  let token: string | undefined = randomBytes(24).toString('base64url');
  const session = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  // No build waits for its page.
  server.unref();
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const cookie = `ingot-${port}`;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // No request, by anybody, may throw: that would end the build.
    const url = URL.parse(request.url ?? '/', `http://${host}`);
    const given = url?.searchParams.get('token') ?? null;
    // With another name for this address the request comes from somebody else's page (DNS rebinding).
    if (url === null || request.headers.host !== host || request.method !== 'GET') refuse(response);
    else if (token !== undefined && given !== null && isSame(given, token)) letIn(response);
    else if (!isSame(cookieOf(request, cookie), session)) refuse(response);
    else if (url.pathname === '/') sendPage(response);
    else if (url.pathname === '/events') sendEvents(response);
    else response.writeHead(404).end();
  };

  const letIn = (response: ServerResponse): void => {
    token = undefined;
    response.writeHead(303, {
      location: '/',
      'set-cookie': `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`,
      'referrer-policy': 'no-referrer',
    });
    response.end();
  };

  const sendEvents = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' });
    response.write(message('begin', ''));
    for (const event of state.events()) response.write(message('build', event));
    readers.add(response);
    response.once('close', () => readers.delete(response));
  };

  return {
    link: `http://${host}/?token=${token}`,
    tell(event) {
      state.add(event);
      const text = message('build', event);
      for (const reader of readers) {
        if (reader.writableLength < MOST_WAITING) reader.write(text);
        else reader.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const reader of readers) reader.end(message('end', ''));
      const timer = setTimeout(() => server.closeAllConnections(), CLOSING_LIMIT);
      await closed;
      clearTimeout(timer);
    },
  };
};

const message = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const sendPage = (response: ServerResponse): void => {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(viewPage(nonce));
};

const refuse = (response: ServerResponse): void => {
  response.writeHead(403, { 'content-type': 'text/plain', connection: 'close' });
  response.end('This page is for whoever opened its link first, on this host.\n');
};

const cookieOf = ({ headers }: IncomingMessage, name: string): string => {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
};

const isSame = (given: string, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};
