import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t from 'tap';
import { type BuildEvent, createEventBus } from '../../src/pipeline/events.ts';
import { openView, type View } from '../../src/ui/view/server.ts';
import { viewPage } from '../../src/ui/view/view-page.ts';
import { until } from '../machine/guest.ts';
import { openPage } from './browser.ts';

const at = '2026-11-25T10:00:00.000Z';
const tell = (view: View, event: BuildEvent) => view.tell({ build: 'web', ...event, at });
const line = (view: View, text: string) => tell(view, { type: 'stage.line', stage: 'install', line: text });

const begin = (view: View) => {
  tell(view, { type: 'build.start', recipe: 'web', version: '1', stages: ['install', 'configure'], runFolder: '/r' });
  tell(view, { type: 'stage.start', stage: 'install' });
  tell(view, { type: 'stage.phase', stage: 'install', phase: 'base system' });
};

/** As a browser does that opens the link: the cookie of the answer, and where it leads. */
const opened = async (view: View) => {
  const first = await fetch(view.link, { redirect: 'manual' });
  const [cookie = ''] = (first.headers.get('set-cookie') ?? '').split(';');
  return { first, cookie, base: new URL('/', view.link).href };
};

t.test('the link works once; whoever opened it comes in again', async (t) => {
  await using view = await openView();
  const { first, cookie, base } = await opened(view);
  t.equal(first.status, 303);
  t.match(first.headers.get('set-cookie'), /HttpOnly; SameSite=Strict/);
  t.equal((await fetch(view.link, { redirect: 'manual' })).status, 403, 'the token is used up');
  t.equal((await fetch(base)).status, 403, 'without the cookie');
  t.equal((await fetch(base, { headers: { cookie: `${cookie}x` } })).status, 403, 'with another one');
  t.equal((await fetch(`${base}events`)).status, 403);
  const page = await fetch(base, { headers: { cookie } });
  t.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  t.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '-';
  t.match(await page.text(), `<script nonce="${nonce}">`);
  t.equal((await fetch(`${base}nothing`, { headers: { cookie } })).status, 404);
  t.equal((await fetch(base, { method: 'POST', headers: { cookie } })).status, 403, 'it takes nothing');
});

t.test('another name for the address is refused', async (t) => {
  await using view = await openView();
  const { port } = new URL(view.link);
  const socket = connect(Number(port), '127.0.0.1');
  socket.end(
    `GET /?token=${new URL(view.link).searchParams.get('token')} HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  t.match(String(answer), /^HTTP\/1\.1 403/);
  t.equal((await opened(view)).first.status, 303, 'and the token is not used up by that');
});

t.test('an address that is none is refused, and the build goes on', async (t) => {
  await using view = await openView();
  const { host, port } = new URL(view.link);
  for (const target of ['//', 'http://[']) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const [answer] = await once(socket, 'data');
    t.match(String(answer), /^HTTP\/1\.1 403/, target);
  }
  t.equal((await opened(view)).first.status, 303, 'the link still works');
});

t.test('whatever is sent to the port, the build goes on and nobody else is let in', { timeout: 60_000 }, async (t) => {
  await using view = await openView();
  const { host, port, searchParams } = new URL(view.link);
  const token = searchParams.get('token') ?? '';
  const probes: readonly string[] = [
    '',
    'x',
    '\r\n\r\n',
    'GET\r\n\r\n',
    `GET / HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
    `GET / HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil\r\n\r\n`,
    `GET /?token=${token.slice(0, -1)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /?token= HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /?token=${token} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
    `GET /?token=${token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
    `HEAD /?token=${token} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `POST /?token=${token} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`,
    `OPTIONS * HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /../../etc/passwd HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET /%2e%2e/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET http://evil/?token=${token} HTTP/1.1\r\nHost: evil\r\n\r\n`,
    `GET /events HTTP/1.1\r\nHost: ${host}\r\nCookie: ingot-${port}=\r\n\r\n`,
    `GET /events HTTP/1.1\r\nHost: ${host}\r\nCookie: ingot-${port}=x; ingot-${port}=y\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
    `GET /${'x'.repeat(50_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    '\0'.repeat(10_000),
  ];
  for (const probe of probes) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    let answer = '';
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    socket.end(probe);
    await new Promise((done) => socket.once('close', done));
    t.notMatch(answer, /^HTTP\/1\.1 (2|303)/, JSON.stringify(probe.slice(0, 60)));
  }
  // Connections that say nothing, and half of something.
  const open = Array.from({ length: 400 }, (_, nth) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    if (nth % 2 === 0) socket.write('GET / HT');
    return socket;
  });
  begin(view);
  const { first, cookie, base } = await opened(view);
  t.equal(first.status, 303, 'the link still works, for the first who opens it');
  t.equal((await fetch(base, { headers: { cookie } })).status, 200);
  for (const socket of open) socket.destroy();
});

t.test('who comes late hears what counts; the end is told', async (t) => {
  const view = await openView();
  begin(view);
  for (let nth = 0; nth < 1500; nth++) line(view, `line ${nth}`);
  for (const text of ['old screen', 'new screen']) tell(view, { type: 'stage.screen', stage: 'install', text });
  const { cookie, base } = await opened(view);
  const response = await fetch(`${base}events`, { headers: { cookie } });
  line(view, 'a line that comes later <b>');
  await view[Symbol.asyncDispose]();
  const text = await response.text();
  t.match(text, /^event: begin\n/);
  t.match(text, /"type":"build.start"/);
  t.notMatch(text, /"line 499"/, 'the oldest lines are forgotten');
  t.match(text, /"line 500"/);
  t.notMatch(text, /old screen/);
  t.match(text, /new screen[\s\S]*a line that comes later/, 'in their order');
  t.match(text, /event: end\ndata: ""\n\n$/);
  await t.rejects(fetch(base), 'it is closed');
});

t.test('what a build redacts does not reach the page', async (t) => {
  const view = await openView();
  const secret = 'correct-horse-battery-staple';
  const bus = createEventBus({ redact: (text) => text.replaceAll(secret, '***') });
  bus.subscribe((event) => view.tell({ ...event, build: 'web' }));
  bus.emit({ type: 'stage.start', stage: 'install' });
  bus.emit({ type: 'stage.line', stage: 'install', line: `the line has ${secret} in it` });
  bus.emit({ type: 'stage.screen', stage: 'install', text: `the screen has ${secret} in it` });
  const error = { code: 'install.question', message: `asks for ${secret}`, detail: `a\n${secret}`, hint: secret };
  bus.emit({ type: 'stage.failed', stage: 'install', error });
  const { cookie, base } = await opened(view);
  const response = await fetch(`${base}events`, { headers: { cookie } });
  await view[Symbol.asyncDispose]();
  const text = await response.text();
  for (const place of ['the line has', 'the screen has', 'asks for']) t.match(text, new RegExp(`${place} \\*{3}`));
  t.notOk(text.includes(secret));
});

t.test('a reader that does not read is cut off, and holds nobody up', async (t) => {
  const view = await openView();
  const { cookie, base } = await opened(view);
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.write(`GET /events HTTP/1.1\r\nHost: ${new URL(base).host}\r\nCookie: ${cookie}\r\n\r\n`);
  await once(socket, 'data');
  socket.pause();
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  const long = 'x'.repeat(100_000);
  const started = performance.now();
  for (let nth = 0; nth < 400; nth++) {
    line(view, long);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(performance.now() - started < 20_000);
  socket.resume();
  await closed;
  await view[Symbol.asyncDispose]();
});

t.test('in a browser, wide and narrow', { timeout: 120_000 }, async (t) => {
  await using view = await openView();
  begin(view);
  line(view, '<img src=x onerror="document.title=1">');
  tell(view, { type: 'stage.progress', stage: 'install', done: 42, total: 84, unit: 'items' });
  tell(view, { type: 'stage.screen', stage: 'install', text: '┌─ Select your location ─┐' });
  tell(view, {
    type: 'stage.failed',
    stage: 'install',
    error: { code: 'install.waiting', message: 'the installer waits', hint: 'Answer it.' },
  });
  const evidence = '/home/eva/.cache/ingot/runs/20261125T100000-a-recipe-with-a-long-name-12345';
  const error = { code: 'install.waiting', message: 'the installer waits', hint: 'Answer it.' };
  tell(view, { type: 'build.failed', duration: 183_000, evidence, error });
  await using page = await openPage(view.link);
  if (page === undefined) return t.comment('no chromium on this host');
  const text = async () =>
    String(
      await page.evaluate("[...document.querySelectorAll('header, section')].map((part) => part.textContent).join()"),
    );
  t.ok(await until(async () => (await text()).includes('the installer waits')), 'it is live');
  const shown = await text();
  for (const part of ['web', 'base system 50 %', 'Select your location', 'next: Answer it.', '<img src=x', 'configure'])
    t.match(shown, part);
  t.equal(await page.evaluate('document.title'), 'Ingot', 'what a build says is text');
  t.match(await page.evaluate('location.href'), /\/$/, 'the token is not in the address');
  line(view, 'told while it is open');
  t.ok(await until(async () => (await text()).includes('told while it is open')));
  const fromEnd =
    "(({ scrollHeight: all, scrollTop: above, clientHeight: seen }) => all - above - seen)(document.querySelector('.log'))";
  for (let nth = 0; nth < 60; nth++) line(view, `line ${nth}`);
  t.ok(await until(async () => (await text()).includes('line 59')));
  t.ok(Number(await page.evaluate(fromEnd)) < 2, 'the log follows its end');
  t.ok(Number(await page.evaluate("document.querySelector('.log').scrollTop")) > 100, 'which is far from its begin');
  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ] as const) {
    await page.resize(width, height);
    t.ok(
      Number(await page.evaluate('document.documentElement.scrollWidth')) <= width,
      `nothing sticks out at ${width} pixels`,
    );
  }
  await view[Symbol.asyncDispose]();
  t.ok(await until(async () => (await text()).includes('The command has ended')));
  t.match(await text(), 'told while it is open', 'what was told stays');
});

t.test('in a browser: a command that was killed, and another one at its address', { timeout: 60_000 }, async (t) => {
  const open: ServerResponse[] = [];
  let isRefusing = false;
  const server = createServer(({ url }, response) => {
    if (url === '/') return void response.end(viewPage(''));
    if (isRefusing) return void response.writeHead(403).end();
    if (open.push(response) > 1) return void response.destroy();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 200\nevent: begin\ndata:\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await using page = await openPage(`http://127.0.0.1:${port}/`);
  if (page === undefined) return t.comment('no chromium on this host');
  const state = async () => String(await page.evaluate("document.getElementById('state').textContent"));
  t.ok(await until(async () => (await state()) === 'live'));
  open[0]?.destroy();
  t.ok(await until(async () => /connects again/.test(await state())));
  isRefusing = true;
  t.ok(await until(async () => /of a command that has ended/.test(await state())), 'a refusal is the end');
});
