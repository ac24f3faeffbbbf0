/** Files of sums, against coreutils, and their signatures, against gpg. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import t from 'tap';
import type { z } from 'zod';
import { IngotError } from '../../src/errors.ts';
import { digestFor, parseChecksums } from '../../src/formats/signatures/checksum-lines.ts';
import { run } from '../../src/host/run.ts';
import { obtainProof } from '../../src/origin/obtain-sums.ts';
import { proveBySums, type SignedSums } from '../../src/origin/sums.ts';
import { loadVariants } from '../../src/recipe/load.ts';
import { sumsSchema } from '../../src/recipe/schema/sums-schema.ts';
import { fingerprintsOf, VENDOR_KEYS } from '../../src/recipe/schema/vendor-keys.ts';
import { silentReporter } from '../../src/report.ts';
import { fetchStage } from '../../src/stages/origin/fetch-stage.ts';
import { at, makeSigner } from './signer.ts';

const hex = (text: string, algorithm = 'sha256'): string => createHash(algorithm).update(text).digest('hex');
const ONE = hex('one');
const TWO = hex('two');
const ONE_512 = hex('one', 'sha512');

t.test('the forms of sums', (t) => {
  const named = (text: string, name = 'a.iso') => digestFor(parseChecksums(text, 'SUMS'), name, 'SUMS');
  const one = { algorithm: 'sha256', digest: ONE };
  const good: readonly (readonly [string, string, string?])[] = [
    ['GNU, text', `${ONE}  a.iso\n`],
    ['GNU, binary', `${ONE} *a.iso\n`],
    ['GNU, in a folder', `${ONE}  ./x/a.iso\n`],
    ['GNU, capitals', `${ONE.toUpperCase()}  a.iso\n`],
    ['GNU, a name with blanks and brackets', `${ONE}  a (1) = b.iso\n`, 'a (1) = b.iso'],
    ['GNU, a name that begins with a star', `${ONE}  *a.iso\n`, '*a.iso'],
    ['BSD', `SHA256 (a.iso) = ${ONE}\n`],
    ['BSD, a name with brackets', `SHA256 (a (1)) = ${ONE}\n`, 'a (1)'],
    ['BSD, the long label', `SHA2-256 (a.iso) = ${ONE}\n`],
    ['openssl', `SHA256(a.iso)= ${ONE}\n`],
    ['comments and empty lines', `# a.iso: 3 bytes\n\n# b\nSHA256 (a.iso) = ${ONE}\n`],
    ['CR LF', `# x\r\n${ONE}  a.iso\r\n${TWO}  b.iso\r\n`],
    ['a byte order mark', `\ufeff${ONE}  a.iso\n`],
    ['a sum alone', `${ONE}\n`],
    ['a sum alone without an end', ONE],
    ['the same twice', `${ONE}  a.iso\nSHA256 (a.iso) = ${ONE}\n`],
    ['weaker ones beside it', `${hex('one', 'md5')}  a.iso\n${hex('one', 'sha1')}  a.iso\n${ONE}  a.iso\n`],
    ['SHA-512 beside it', `${ONE_512}  a.iso\n${ONE}  a.iso\n`],
    ['a name like one of a prototype', `${ONE}  constructor\n`, 'constructor'],
  ];
  for (const [what, text, name] of good) t.same(named(text, name), one, what);
  t.same(named(`SHA512 (a.iso) = ${ONE_512}\n`), { algorithm: 'sha512', digest: ONE_512 });

  const bad: readonly (readonly [string, string, string])[] = [
    ['a page', '<html><body>log in</body></html>', 'origin.sums-unreadable'],
    ['nothing', '', 'origin.sums-unreadable'],
    ['comments alone', '# nothing\n', 'origin.sums-unreadable'],
    ['a line that is cut off', `${ONE}  a.iso\n${TWO.slice(0, 30)}`, 'origin.sums-unreadable'],
    ['a label of another length', `SHA512 (a.iso) = ${ONE}\n`, 'origin.sums-unreadable'],
    ['a label nobody knows', `BLAKE2b (a.iso) = ${ONE_512}\n`, 'origin.sums-unreadable'],
    ['a digest one digit short', `${ONE.slice(1)}  a.iso\n`, 'origin.sums-unreadable'],
    ['a sum alone among others', `${ONE}\n${TWO}  b.iso\n`, 'origin.sums-unreadable'],
    ['two sums alone', `${ONE}\n${TWO}\n`, 'origin.sums-unreadable'],
    ['two digests', `${ONE}  a.iso\n${TWO}  a.iso\n`, 'origin.sums-contradict'],
    ['two digests, in two forms', `${ONE}  a.iso\nSHA256 (a.iso) = ${TWO}\n`, 'origin.sums-contradict'],
    ['two folders', `${ONE}  x/a.iso\n${TWO}  y/a.iso\n`, 'origin.sums-contradict'],
    ['MD5 alone', `${hex('one', 'md5')}  a.iso\n`, 'origin.sums-weak'],
    ['SHA-1 alone', `SHA1 (a.iso) = ${hex('one', 'sha1')}\n`, 'origin.sums-weak'],
    ['other names', `${ONE}  a.iso.zsync\n`, 'origin.sums-no-such-file'],
    ['another case', `${ONE}  A.iso\n`, 'origin.sums-no-such-file'],
  ];
  for (const [what, text, code] of bad) t.throws(() => named(text), { code, where: 'SUMS', hint: /./ }, what);
  t.throws(() => named(`${ONE}  debian-12.iso\n${ONE}  b\n${TWO}  debian-13.iso\n`, 'debian-14.iso'), {
    code: 'origin.sums-no-such-file',
    detail: /^near it: debian-1[23]\.iso, debian-1[23]\.iso, b$/,
  });
  t.end();
});

t.test('what coreutils and openssl write is read', async (t) => {
  const folder = t.testdir();
  const names = ['plain.iso', 'with blank.iso', 'back\\slash.iso', 'new\nline.iso', '(x) = y.iso', '*star'];
  for (const name of names) await writeFile(join(folder, name), name);
  const cwd = { cwd: folder };
  const commands = ['sha256sum --', 'sha256sum --binary --', 'sha256sum --tag --', 'cksum -a sha256 --'];
  for (const command of commands)
    for (const name of names) {
      const [file = '', ...args] = command.split(' ');
      const { stdout } = await run(file, [...args, ...names], cwd);
      t.equal(digestFor(parseChecksums(stdout, 'SUMS'), name, 'SUMS').digest, hex(name), `${command} ${name}`);
    }
});

t.test('signatures', async (t) => {
  await using signer = await makeSigner();
  const { key: makeKey, keyring: makeKeyring, detached, clearsigned, path, gpg } = signer;
  const publisher = await signer.addSubkey(await makeKey('publisher'));
  const [subkey = ''] = publisher.subkeys;
  const [other, stranger, leaked] = [await makeKey('other'), await makeKey('stranger'), await makeKey('leaked')];
  const old = await makeKey('old', { at: '20200101T000000', expires: '1y' });
  const long = await makeKey('long', { at: '20200101T000000' });
  const text = `# a.iso: 3 bytes\n${ONE}  a.iso\n- dashed: no\n`.replace('- dashed: no\n', `${TWO}  b.iso\n`);
  const leakedSignature = await detached(text, leaked.fingerprint);
  await signer.revoke(leaked);
  const keyring = await makeKeyring('all.gpg', publisher, other, old, long, leaked);
  await gpg('--armor', '--output', path('all.asc'), '--export', publisher.fingerprint, other.fingerprint);

  const by = ({ fingerprint }: { readonly fingerprint: string }, file = keyring) => ({
    fingerprints: [fingerprint],
    keyring: file,
  });
  const primary = `${publisher.fingerprint}!`;
  const prove = (given: Partial<SignedSums>, name = 'a.iso') =>
    proveBySums(name, { sums: Buffer.from(text), where: 'SUMS', key: by(publisher), ...given });
  const good = { signature: await detached(text, primary) };

  const proof = { file: 'a.iso', sha256: ONE, level: 'signed', signedBy: { fingerprint: publisher.fingerprint } };
  const accepted: Readonly<Record<string, Partial<SignedSums>>> = {
    'a detached signature': good,
    'an armored one': { signature: await detached(text, primary, '--armor') },
    clearsigned: { sums: await clearsigned(text, primary) },
    'by the subkey of the pinned key': { signature: await detached(text, `${subkey}!`) },
    'one of the keys of a vendor': {
      ...good,
      key: { fingerprints: [other.fingerprint, publisher.fingerprint], keyring },
    },
    'the subkey itself is pinned': {
      signature: await detached(text, `${subkey}!`),
      key: { fingerprints: [subkey], keyring },
    },
    'a fingerprint in small letters and groups': {
      ...good,
      key: by({
        fingerprint: publisher.fingerprint
          .toLowerCase()
          .replaceAll(/(.{4})/g, '$1 ')
          .trim(),
      }),
    },
    'an armored keyring': { ...good, key: by(publisher, path('all.asc')) },
    'a stranger has signed too': {
      signature: Buffer.concat([await detached(text, stranger.fingerprint), await detached(text, primary)]),
    },
  };
  for (const [what, given] of Object.entries(accepted)) t.match(await prove(given), proof, what);
  const signedAt = (await prove(good)).signedBy?.date ?? '';
  t.ok(Math.abs(Date.parse(signedAt) - Date.now()) < 600_000, signedAt);
  t.same(await prove({ key: undefined }), { file: 'a.iso', sha256: ONE, level: 'sums-only' });

  // What stands around a signed text has no say, whatever it looks like.
  const inline = await clearsigned(text, primary);
  const fake = `${TWO}  a.iso\n`;
  const around = Buffer.concat([Buffer.from(fake), inline, Buffer.from(fake)]);
  t.match(await prove({ sums: around }), proof, 'text around');
  await t.rejects(prove({ sums: Buffer.concat([Buffer.from(`${TWO}  c.iso\n`), inline]) }, 'c.iso'), {
    code: 'origin.sums-no-such-file',
  });
  const dashed = `-${ONE}\n${TWO}  b.iso\n`;
  await t.rejects(prove({ sums: await clearsigned(dashed, primary) }, 'b.iso'), { code: 'origin.sums-unreadable' });

  const changed = (bytes: Buffer, from: string, to: string) =>
    Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  const damagedSignature = Buffer.from(good.signature);
  damagedSignature[damagedSignature.length - 3] = (damagedSignature.at(-3) ?? 0) ^ 1;
  const refused: Readonly<Record<string, readonly [Partial<SignedSums>, string, string?]>> = {
    'no signature': [{}, 'origin.sums-unsigned'],
    'no key for a signed text': [{ sums: inline, key: undefined }, 'origin.sums-key-missing'],
    'no key for a signature': [{ ...good, key: undefined }, 'origin.sums-key-missing'],
    'changed text': [{ ...good, sums: changed(Buffer.from(text), ONE, TWO) }, 'origin.sums-signature-bad'],
    'swapped names': [
      { ...good, sums: Buffer.from(text.replace('a.iso\n', 'x\n').replace('b.iso', 'a.iso')) },
      'origin.sums-signature-bad',
    ],
    'one more line': [{ ...good, sums: Buffer.from(`${text}${TWO}  a.iso\n`) }, 'origin.sums-signature-bad'],
    'changed text, clearsigned': [{ sums: changed(inline, ONE, TWO) }, 'origin.sums-signature-bad'],
    'a signature of other bytes': [{ signature: await detached('other', primary) }, 'origin.sums-signature-bad'],
    'a damaged signature': [{ signature: damagedSignature }, 'origin.sums-signature-bad'],
    'a bad signature beside a good one': [
      { signature: Buffer.concat([good.signature, await detached('other', other.fingerprint)]) },
      'origin.sums-signature-bad',
    ],
    'half a signature': [{ signature: good.signature.subarray(0, 40) }, 'origin.sums-signature-invalid'],
    'no signature at all': [{ signature: Buffer.from('<html>') }, 'origin.sums-signature-invalid'],
    'an empty signature': [{ signature: Buffer.alloc(0) }, 'origin.sums-signature-invalid'],
    'a signed text as signature': [{ signature: inline }, 'origin.sums-signature-invalid'],
    'a signed file as signature': [
      { signature: await readSigned(path('whole'), gpg, text, primary) },
      'origin.sums-signature-invalid',
    ],
    'two signed texts': [{ sums: Buffer.concat([inline, inline]) }, 'origin.sums-signature-invalid'],
    'a frame without a signature': [
      { sums: Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}`) },
      'origin.sums-signature-invalid',
    ],
    'an unknown key': [{ signature: await detached(text, stranger.fingerprint) }, 'origin.sums-unknown-key'],
    'a key of the keyring that is not the pinned one': [
      { signature: await detached(text, other.fingerprint) },
      'origin.sums-wrong-key',
    ],
    'an expired key': [
      { signature: await detached(text, old.fingerprint, ...at('20200601T000000')), key: by(old) },
      'origin.sums-key-expired',
    ],
    'an expired signature': [
      {
        signature: await detached(text, long.fingerprint, ...at('20200601T000000'), '--default-sig-expire', '5'),
        key: by(long),
      },
      'origin.sums-signature-expired',
    ],
    'a revoked key': [{ signature: leakedSignature, key: by(leaked) }, 'origin.sums-key-revoked'],
    'SHA-1': [{ signature: await detached(text, primary, '--digest-algo', 'SHA1') }, 'origin.sums-signature-weak'],
    MD5: [
      { signature: await detached(text, primary, '--digest-algo', 'MD5', '--allow-weak-digest-algos') },
      'origin.sums-signature-weak',
    ],
    'a short key id': [{ ...good, key: by({ fingerprint: publisher.fingerprint.slice(-8) }) }, 'origin.sums-short-key'],
    'a long key id': [{ ...good, key: by({ fingerprint: publisher.fingerprint.slice(-16) }) }, 'origin.sums-short-key'],
    'no keyring': [{ ...good, key: by(publisher, path('none')) }, 'origin.keyring-missing'],
    'a keyring without keys': [{ ...good, key: by(publisher, path('text-0')) }, 'origin.keyring-invalid'],
    'two digests': [{ sums: await clearsigned(`${text}${TWO}  a.iso\n`, primary) }, 'origin.sums-contradict'],
    'another name': [good, 'origin.sums-no-such-file', 'c.iso'],
  };
  for (const [what, [given, code, name]] of Object.entries(refused))
    await t.rejects(prove(given, name), { code, hint: /./ }, what);
});

/** `gpg --sign`: the text and the signature as one. */
const readSigned = async (
  file: string,
  gpg: (...args: string[]) => Promise<string>,
  text: string,
  by: string,
): Promise<Buffer> => {
  await writeFile(file, text);
  await gpg('--output', `${file}.gpg`, '--local-user', by, '--sign', file);
  return readFile(`${file}.gpg`);
};

t.test("vendors' keys by name", async (t) => {
  for (const [name, { fingerprints, source, title, keyring }] of Object.entries(VENDOR_KEYS)) {
    t.match(name, /^[a-z][a-z0-9-]+$/);
    t.ok(title && fingerprints.length > 0 && new URL(source).protocol === 'https:', name);
    for (const one of fingerprints) t.match(one, /^[0-9A-F]{40}$/);
    t.same(fingerprintsOf(name), fingerprints);
    const given = { file: 'SUMS', signature: { file: 'SUMS.sign' }, key: name };
    t.equal(
      sumsSchema.safeParse(given).success,
      keyring !== undefined,
      `${name}: a keyring is needed unless a package has it`,
    );
    t.match(sumsSchema.parse({ ...given, keyring: 'keys.gpg' }), { key: name, keyring: 'keys.gpg' });
    if (keyring === undefined || existsSync(keyring.file)) continue;
    const work = t.testdir({ SUMS: `${ONE}  a.iso\n`, 'SUMS.sign': 'x' });
    const asked = obtainProof('a.iso', sumsSchema.parse(given), {
      folder: work,
      reporter: silentReporter,
      pause: 1,
      signal: undefined,
    });
    await t.rejects(asked, { code: 'origin.keyring-missing', hint: new RegExp(keyring.package) });
  }
  const small = 'df9b9c49eaa9298432589d76da87e80d6294be9b';
  t.match(sumsSchema.parse({ file: 'S', key: small, keyring: 'k' }), { key: small.toUpperCase() });
  for (const key of ['debian', 'DF9B9C49', 'constructor'])
    t.notOk(sumsSchema.safeParse({ file: 'S', key, keyring: 'k' }).success, key);
});

t.test('sums on a server, and an ISO by them', async (t) => {
  const folder = t.testdir({ a: { 'content.txt': 'x' } });
  const at = (name: string) => join(folder, name);
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', at('a.iso'), at('a')]);
  const iso = await readFile(at('a.iso'));
  const [sha256, sha512] = ['sha256', 'sha512'].map((name) => createHash(name).update(iso).digest('hex'));
  await using signer = await makeSigner();
  const key = await signer.key('publisher');
  await signer.keyring('keys.gpg', key);
  const sums = `${sha256} *a.iso\n`;
  const pages: Readonly<Record<string, Buffer | string>> = {
    '/SUMS': sums,
    '/SUMS512': `${sha512}  a.iso\n`,
    '/SUMS.gpg': await signer.detached(sums, key.fingerprint),
    '/CHECKSUM': await signer.clearsigned(`SHA256 (a.iso) = ${sha256}\n`, key.fingerprint),
    '/large': Buffer.alloc(5 * 2 ** 20, 10),
    '/wrong': `${'0'.repeat(64)}  a.iso\n`,
  };
  const plain = createServer((_, response) => void response.end(sums));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const pathsAsked: string[] = [];
  await using server = await secureServer(folder, (request, response) => {
    const path = request.url ?? '';
    pathsAsked.push(path);
    const to = { '/there': '/SUMS', '/round': '/round', '/away': `http://127.0.0.1:${portOf(plain)}/SUMS` }[path];
    if (to !== undefined) return void response.writeHead(302, { location: to }).end();
    if (path === '/long') return void response.write(Buffer.alloc(5 * 2 ** 20, 10), () => response.end());
    const page = pages[path];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  });
  t.teardown(() => plain.close());

  const options = { folder, reporter: silentReporter, pause: 1, signal: undefined };
  const ask = (given: z.input<typeof sumsSchema>) => obtainProof('a.iso', sumsSchema.parse(given), options);
  const pinned = { key: key.fingerprint, keyring: signer.path('keys.gpg') };
  const signed = { sha256, level: 'signed', signedBy: { fingerprint: key.fingerprint } };
  const url = (path: string) => `${server.url}${path}`;
  t.match(await ask({ url: url('/SUMS'), signature: { url: url('/SUMS.gpg') }, ...pinned }), signed);
  t.match(await ask({ url: url('/CHECKSUM'), ...pinned }), signed);
  t.match(await ask({ url: url('/there') }), { sha256, level: 'sums-only' });
  await writeFile(at('SUMS'), sums);
  t.match(await ask({ file: 'SUMS', signature: { url: url('/SUMS.gpg') }, ...pinned }), signed);
  const refused: readonly (readonly [z.input<typeof sumsSchema>, string])[] = [
    [{ url: url('/none') }, 'origin.download-failed'],
    [{ url: url('/round') }, 'origin.download-failed'],
    [{ url: url('/away') }, 'origin.not-secure'],
    [{ url: url('/large') }, 'origin.download-too-large'],
    [{ url: url('/long') }, 'origin.download-too-large'],
    [{ url: url('/SUMS'), signature: { url: url('/large') }, ...pinned }, 'origin.download-too-large'],
    [{ file: 'none' }, 'origin.sums-missing'],
    [{ file: 'a' }, 'origin.sums-missing'],
  ];
  for (const [given, code] of refused) await t.rejects(ask(given), { code, hint: /./ }, JSON.stringify(given));
  await writeFile(at('big'), Buffer.alloc(5 * 2 ** 20));
  await t.rejects(ask({ file: 'big' }), { code: 'origin.sums-too-large' });

  const store = at('store');
  const fetchStored = async (yaml: string) => {
    const head = 'name: a\nos: {family: debian, release: "12"}\n';
    await writeFile(at('recipe.yaml'), `${head}origin: {iso: a.iso, ${yaml}}\n`);
    const [loaded] = await loadVariants(at('recipe.yaml'));
    if (loaded === undefined || !('iso' in loaded.recipe.origin)) throw new Error('no recipe');
    const input = { loaded, origin: loaded.recipe.origin };
    const context = Object.assign(Object.create(null), { ...options, shared: () => store });
    return { key: await fetchStage.key(input, context), out: await fetchStage.run(input, context) };
  };
  t.match(await fetchStored(`sums: {url: "${url('/SUMS512')}"}`), {
    key: { sums: { sums: url('/SUMS512') }, file: 'a.iso' },
    out: { iso: { sha256 }, proof: { file: 'a.iso', sha512, level: 'sums-only' } },
  });
  t.match(await fetchStored(`sha512: ${sha512?.toUpperCase()}`), { key: { sha512 }, out: { iso: { sha256 } } });
  t.notOk((await fetchStored(`sha256: ${sha256}`)).out.proof);
  await t.rejects(fetchStored(`sums: {url: "${url('/wrong')}"}`), { code: 'origin.digest-mismatch' });
});

t.test('an origin has one proof', async (t) => {
  const digest = 'a'.repeat(64);
  const key = 'b'.repeat(40);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /origin\.sha256: missing, expected a SHA-256, 64 hex digits \(or `sums`/],
    [`sha256: ${digest}, sums: {file: recipe.yaml}`, /origin\.sums: expected only one of sha256 and sums/],
    [`sha256: ${digest}, sha512: ${digest}${digest}`, /origin\.sha512: expected only one of sha256 and sha512/],
    ['sums: {}', /origin\.sums: expected either `url` or `file`/],
    ['sums: {file: recipe.yaml, url: "https://a.example.org/S"}', /origin\.sums: expected either `url` or `file`/],
    ['sums: {url: "http://a.example.org/S"}', /origin\.sums\.url: expected an https URL/],
    ['sums: {url: "https://me:pw@a.example.org/S"}', /origin\.sums\.url: expected a URL without a user name/],
    ['sums: {file: none}', /origin\.sums\.file: there is no file at/],
    [`sums: {file: recipe.yaml, key: ${key.slice(8)}}`, /origin\.sums\.key: expected the whole fingerprint/],
    [`sums: {file: recipe.yaml, key: ${key}}`, /origin\.sums\.keyring: missing, expected a keyring/],
    ['sums: {file: recipe.yaml, signature: {file: recipe.yaml}}', /origin\.sums\.key: missing, expected the finger/],
    [`sums: {file: recipe.yaml, key: ${key}, keyring: recipe.yaml}`, /origin\.sums\.keyring: expected an OpenPGP/],
    ['sums: {file: recipe.yaml, sigature: {file: x}}', /origin\.sums\.sigature: unknown key/],
  ];
  const folder = t.testdir({ 'a.iso': '' });
  for (const [yaml, expected] of cases) {
    const path = join(folder, 'recipe.yaml');
    await writeFile(path, `name: a\nos: {family: debian, release: "12"}\norigin: {iso: a.iso, ${yaml}}\n`);
    const error = await loadVariants(path).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    t.match(error instanceof IngotError ? `${error.message}\n${error.detail}` : error, expected, yaml);
  }
});

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

/** With a certificate that this process alone takes. */
const secureServer = async (
  folder: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AsyncDisposable & { readonly url: string }> => {
  const [key, cert] = [join(folder, 'server.key'), join(folder, 'server.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
  await run('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', key, '-out', cert, ...subject]);
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, await readFile(cert, 'utf8')]);
  const server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${portOf(server)}`,
    async [Symbol.asyncDispose]() {
      setDefaultCACertificates(before);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
