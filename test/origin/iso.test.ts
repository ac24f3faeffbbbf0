/** ISOs from paths and from a server on this host that breaks off, forgets ranges and lies. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import t from 'tap';
import { fileOf, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { openBlobs } from '../../src/origin/blobs.ts';
import { fetchIso } from '../../src/origin/iso.ts';
import { silentReporter } from '../../src/report.ts';

const work = await temporaryFolder('ingot-iso-');
t.teardown(() => work[Symbol.asyncDispose]());

const isoPath = join(work.path, 'tiny.iso');
await writeFile(join(work.path, 'content'), Buffer.alloc(3_000_000, 'ingot'));
await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', isoPath, join(work.path, 'content')]);
const iso = await readFile(isoPath);
const sha256 = createHash('sha256').update(iso).digest('hex');
const wrong = '0'.repeat(64);

type Answer = (request: IncomingMessage, response: ServerResponse, start: number) => void;

const whole: Answer = (_, response, start) => {
  const length = { 'content-length': iso.length - start };
  if (start === 0) return void response.writeHead(200, length).end(iso);
  const range = { 'content-range': `bytes ${start}-${iso.length - 1}/${iso.length}` };
  if (start >= iso.length) return void response.writeHead(416, { 'content-range': `bytes */${iso.length}` }).end();
  response.writeHead(206, { ...length, ...range }).end(iso.subarray(start));
};
const breaksOff: Answer = (_, response, start) => {
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': iso.length - start });
  response.write(iso.subarray(start, start + 1_000_000), () => setTimeout(() => response.destroy(), 20));
};
const noRanges: Answer = (_, response) => void response.writeHead(200, { 'content-length': iso.length }).end(iso);
const status =
  (code: number): Answer =>
  (_, response) =>
    void response.writeHead(code).end();
const half: Answer = (_, response) => void response.writeHead(200).end(iso.subarray(0, 1_000_000));
const page: Answer = (_, response) => void response.writeHead(200).end('<html>log in</html>');

/** Answers in turn, the last one for ever; `starts` are the offsets that were asked for. */
const serve = async (...answers: Answer[]) => {
  const starts: number[] = [];
  const server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    starts.push(start);
    (answers.length > 1 ? answers.shift() : answers[0])?.(request, response, start);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/a.iso`, starts, [Symbol.dispose]: () => void server.close() };
};

let stores = 0;
const options = (store = join(work.path, `store-${stores++}`)) => ({
  folder: work.path,
  store,
  reporter: silentReporter,
  pause: 1,
});
const kept = async (store: string) => (await readdir(store)).filter((name) => !name.endsWith('.lock'));

t.test('a path', async (t) => {
  t.same(
    await fetchIso({ iso: 'tiny.iso', sha256: sha256.toUpperCase() }, options()),
    fileOf({ path: isoPath, size: iso.length, sha256 }),
  );
  t.match(await fetchIso({ iso: isoPath, sha256 }, options()), { sha256 });
  await t.rejects(fetchIso({ iso: 'none.iso', sha256 }, options()), { code: 'origin.iso-missing' });
  await t.rejects(fetchIso({ iso: '.', sha256 }, options()), { code: 'origin.iso-missing' });
  await symlink('loop.iso', join(work.path, 'loop.iso'));
  await t.rejects(fetchIso({ iso: 'loop.iso', sha256 }, options()), { code: 'host.link-loop' });
  await t.rejects(fetchIso({ iso: 'tiny.iso', sha256: wrong }, options()), {
    code: 'origin.digest-mismatch',
    detail: new RegExp(sha256),
  });
  await t.rejects(fetchIso({ iso: 'content', sha256 }, options()), { code: 'media.not-an-iso' });
  await writeFile(join(work.path, 'cut.iso'), iso);
  await truncate(join(work.path, 'cut.iso'), iso.length - 400_000);
  await t.rejects(fetchIso({ iso: 'cut.iso', sha256 }, options()), {
    code: 'media.truncated',
    message: new RegExp(`${iso.length}`),
  });
  await writeFile(join(work.path, 'empty.iso'), '');
  await t.rejects(fetchIso({ iso: 'empty.iso', sha256 }, options()), { code: 'media.not-an-iso' });
  t.ok((await readFile(isoPath)).equals(iso), "the user's file is left alone");
});

t.test('of stored files only what is not what was signed is thrown out', async (t) => {
  const blobs = openBlobs(join(work.path, 'blobs'));
  const identity = { sha256, size: iso.length };
  const path = blobs.path(identity);
  const isLeft = async () => (await readdir(dirname(path))).length === 1;
  await mkdir(dirname(path), { recursive: true });
  t.equal(await blobs.has(identity), false);
  await t.rejects(blobs.checked(identity, 'it'), { code: 'origin.not-in-store' });
  await symlink(sha256, path);
  await t.rejects(blobs.has(identity), { code: 'host.link-loop', where: path });
  await t.rejects(blobs.checked(identity, 'it'), { code: 'host.link-loop', where: path });
  t.ok(await isLeft(), 'what cannot be read may be whole');
  await rm(path);
  await writeFile(path, 'another');
  await t.rejects(blobs.checked(identity, 'it'), { code: 'origin.digest-mismatch' });
  t.notOk(await isLeft());
});

t.test('a download', async (t) => {
  using server = await serve(whole);
  const given = options();
  const seen: number[] = [];
  const reporter = {
    ...silentReporter,
    progress: (done: number, total?: number) => void seen.push(done / (total ?? 0)),
  };
  const file = await fetchIso({ iso: server.url, sha256 }, { ...given, reporter });
  t.same(file, fileOf({ path: join(given.store, `${sha256}.iso`), size: iso.length, sha256 }));
  t.equal(seen.at(-1), 1);
  t.ok((await readFile(file.path)).equals(iso));
  await fetchIso({ iso: server.url, sha256 }, given);
  t.same(server.starts, [0], 'the second time it comes from the store');
  t.same(await kept(given.store), [`${sha256}.iso`]);
});

t.test('a broken connection is taken up where it ended', async (t) => {
  using server = await serve(breaksOff, status(503), breaksOff, whole);
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  t.match(await fetchIso({ iso: server.url, sha256 }, { ...options(), reporter }), { sha256 });
  const [first = -1, second = 0, third = 0, fourth = 0] = server.starts;
  t.ok(first === 0 && second > 0 && third === second && fourth > third, server.starts.join(' '));
  t.equal(notes.length, 3);
});

t.test('the next build goes on', async (t) => {
  const given = options();
  {
    using server = await serve(breaksOff, status(502));
    await t.rejects(fetchIso({ iso: server.url, sha256 }, given), { code: 'origin.download-failed', message: /502/ });
  }
  t.same(await kept(given.store), [`${sha256}.iso.part`]);
  using server = await serve(whole);
  t.match(await fetchIso({ iso: server.url, sha256 }, given), { sha256 });
  t.ok((server.starts[0] ?? 0) > 0);
  t.same(await kept(given.store), [`${sha256}.iso`]);
});

t.test('what an interrupted build left', async (t) => {
  const cases: [string, Buffer, Answer][] = [
    ['a server without ranges', iso.subarray(0, 500_000), noRanges],
    ['everything has come already', iso, whole],
    ['more than there is', Buffer.concat([iso, Buffer.from('rest')]), whole],
  ];
  for (const [name, left, answer] of cases) {
    using server = await serve(answer);
    const given = options();
    await run('mkdir', [given.store]);
    await writeFile(join(given.store, `${sha256}.iso.part`), left);
    t.match(await fetchIso({ iso: server.url, sha256 }, given), { sha256 }, name);
  }
});

t.test('what is wrong is not kept', async (t) => {
  const cases: [Answer, string, string][] = [
    [whole, wrong, 'origin.digest-mismatch'],
    [half, sha256, 'media.truncated'],
    [page, sha256, 'media.not-an-iso'],
    [status(404), sha256, 'origin.download-failed'],
  ];
  for (const [answer, digest, code] of cases) {
    using server = await serve(answer);
    const given = options();
    await t.rejects(fetchIso({ iso: server.url, sha256: digest }, given), { code }, code);
    t.same(await kept(given.store), []);
  }
  await t.rejects(fetchIso({ iso: 'http://127.0.0.1:1/x.iso', sha256 }, options()), { code: 'origin.download-failed' });
});

t.test('a download without a length ends before the disk is full', async (t) => {
  let sent = 0;
  using server = await serve((_, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(2 ** 20))) sent += 1;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const given = options();
  const endless = fetchIso({ iso: server.url, sha256 }, { ...given, leftFree: 2 ** 60 });
  await t.rejects(endless, { code: 'host.no-space', message: /without a stated length/ });
  t.ok(sent < 200, `${sent} MiB`);
  t.same(await kept(given.store), [], 'and nothing of it stays');
  t.equal(server.starts.length, 1);
});

t.test('a certificate that does not hold is tried once', async (t) => {
  const [key, cert] = [join(work.path, 'key.pem'), join(work.path, 'cert.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=somebody'],
    ...['-keyout', key, '-out', cert],
  ]);
  let connections = 0;
  const server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, () => undefined);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
  const refused = fetchIso({ iso: `https://127.0.0.1:${port}/x.iso`, sha256 }, { ...options(), reporter });
  await t.rejects(refused, { code: 'origin.certificate-refused', hint: /NODE_EXTRA_CA_CERTS/ });
  t.same([connections, notes], [1, []]);
});

t.test('two builds fetch it once', async (t) => {
  using server = await serve(whole);
  const given = options();
  const both = [0, 1].map(() => fetchIso({ iso: server.url, sha256 }, given));
  t.match(await Promise.all(both), [{ sha256 }, { sha256 }]);
  t.same(server.starts, [0]);
});

t.test('an interruption keeps what has come', async (t) => {
  using server = await serve((_, response) => {
    response.writeHead(200, { 'content-length': iso.length });
    response.write(iso.subarray(0, 1_000_000));
    setTimeout(() => stop.abort(), 200);
  });
  const stop = new AbortController();
  const given = options();
  await t.rejects(fetchIso({ iso: server.url, sha256 }, { ...given, signal: stop.signal }), { code: 'interrupted' });
  t.same(await kept(given.store), [`${sha256}.iso.part`]);
});
