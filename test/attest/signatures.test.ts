/** Signatures against programs and libraries of others: openssl, sigstore's verifier, minisign, signify, gpg, and Packer's rules. */

import { createHash, createPublicKey, generateKeyPairSync, verify as verifySignature } from 'node:crypto';
import { appendFile, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import t from 'tap';
import { attestationFiles } from '../../src/attest/attestation.ts';
import { preAuthEncoding, readEnvelope, signersOf } from '../../src/attest/dsse.ts';
import { readExpected } from '../../src/attest/expected.ts';
import { makeKey } from '../../src/attest/keygen.ts';
import { isMinisigned, minisigned, readMinisignKey } from '../../src/attest/minisign.ts';
import { readPublicKey } from '../../src/attest/public-key.ts';
import { checkSignatures } from '../../src/attest/signatures-check.ts';
import { openSigner, type Signer } from '../../src/attest/signer.ts';
import { statementOf } from '../../src/attest/statement.ts';
import { openContext } from '../../src/attest/verify-context.ts';
import { verifiedText } from '../../src/cli/verify/verified-text.ts';
import { PREDICATES } from '../../src/formats/reports/predicates.ts';
import { sha256, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import type { Judged } from '../../src/judgement.ts';
import { finishedFolder } from './finished-folder.ts';

const STATEMENT = statementOf([{ name: 'web.qcow2', digest: { sha256: sha256('image') } }], PREDICATES.tests, {
  result: 'PASSED',
  configuration: [],
  text: 'ü “x”\u2028 \\ / 1.50',
});

const ENV = { env: {} };
const KINDS = ['ed25519', 'p256'] as const;

const filesOf = async (signer: Signer) => {
  const [statement, envelope, bundle] = await attestationFiles('tests.intoto', STATEMENT, signer);
  if (!statement || !envelope || !bundle) throw new Error('three files are written');
  return { statement: statement.content, envelope: envelope.content, bundle: bundle.content };
};

/** In sigstore's own words, with the key alone as the root of trust. */
const sigstoreVerifies = (bundle: Buffer, publicKeyPem: string): void => {
  const root = { mediaType: '', tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  const material = toTrustMaterial(root, () => ({
    publicKey: createPublicKey(publicKeyPem),
    validFor: () => true,
  }));
  const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundle.toString('utf8')))));
};

/**
 * As Packer's verify-attestation is described: an envelope's payload and type give the bytes, any signature may fit, the
 * predicate type is compared, and an artifact has to be a subject by base name and SHA-256.
 */
const packerVerifies = (envelope: Buffer, publicKeyPem: string, artifact: { name: string; bytes: Buffer }): boolean => {
  const { payload, payloadType, signatures } = JSON.parse(envelope.toString('utf8'));
  const body = Buffer.from(payload, 'base64');
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  const key = createPublicKey(publicKeyPem);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const isSigned = signatures.some(({ sig }: { sig: string }) =>
    verifySignature(algorithm, pae, key, Buffer.from(sig, 'base64')),
  );
  const { subject, predicateType } = JSON.parse(body.toString('utf8'));
  const digest = createHash('sha256').update(artifact.bytes).digest('hex');
  return (
    isSigned &&
    predicateType === PREDICATES.tests &&
    subject.some(
      (one: { name: string; digest: { sha256: string } }) => one.name === artifact.name && one.digest.sha256 === digest,
    )
  );
};

for (const kind of KINDS)
  t.test(`${kind}: openssl, sigstore and Packer agree with us`, async (t) => {
    await using work = await temporaryFolder();
    const at = (name: string) => join(work.path, name);
    const made = await makeKey(at('k.key'), kind, undefined);
    t.equal((await stat(at('k.key'))).mode & 0o777, 0o600);
    t.equal((await stat(at('k.pub'))).mode & 0o777, 0o644);
    await t.rejects(makeKey(at('k.key'), kind, undefined), { code: 'usage.file-exists' });
    const signer = await openSigner({ key: at('k.key'), ...ENV });
    t.equal(signer.public.id, made.id);
    const der = await run('openssl', ['pkey', '-pubin', '-in', at('k.pub'), '-outform', 'DER', '-out', at('k.der')]);
    t.equal(der.exitCode, 0);
    t.equal(sha256(await readFile(at('k.der'))), made.id, 'the key id by openssl and sha256sum');
    const { statement, envelope, bundle } = await filesOf(signer);
    const pem = await readFile(at('k.pub'), 'utf8');

    const read = readEnvelope(envelope);
    if (read === undefined) return t.fail('the envelope is one');
    t.same(read.body, statement, 'what is signed is what lies there');
    await writeFile(at('pae'), preAuthEncoding(read.payloadType, read.body));
    await writeFile(at('sig'), read.signatures[0] ?? '');
    const openssl = () =>
      run(
        'openssl',
        ['pkeyutl', '-verify', '-pubin', '-inkey', at('k.pub'), ...raw, '-in', at('pae'), '-sigfile', at('sig')],
        {
          allow: [0, 1],
        },
      );
    const raw = kind === 'ed25519' ? ['-rawin'] : ['-rawin', '-digest', 'sha256'];
    t.match(await openssl(), { exitCode: 0, stdout: /Verified Successfully/ });
    await writeFile(at('pae'), preAuthEncoding(read.payloadType, Buffer.concat([read.body, Buffer.from(' ')])));
    t.match(await openssl(), { exitCode: 1 });

    t.doesNotThrow(() => sigstoreVerifies(bundle, pem));
    const tampered = Buffer.from(
      bundle.toString('utf8').replace(/"payload":"(.)/, (_, first) => `"payload":"${first === 'e' ? 'f' : 'e'}`),
    );
    t.throws(() => sigstoreVerifies(tampered, pem));

    t.ok(packerVerifies(envelope, pem, { name: 'web.qcow2', bytes: Buffer.from('image') }));
    t.notOk(packerVerifies(envelope, pem, { name: 'db.qcow2', bytes: Buffer.from('image') }));
    const other = await openSigner({ key: 'env:K', env: { K: await newPem(kind) } });
    t.same(signersOf(read, [other.public]), []);
    t.equal(signersOf(read, [other.public, readPublicKey(pem, 'k.pub')]).length, 1);
    // Any hint, or none: it decides nothing.
    for (const hint of ['', 'x', other.public.id]) {
      const hinted = readEnvelope(Buffer.from(envelope.toString('utf8').replace(made.id, hint)));
      t.equal(hinted && signersOf(hinted, [signer.public]).length, 1);
    }
  });

const newPem = async (kind: (typeof KINDS)[number]): Promise<string> =>
  (kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();

t.test('keys of openssl in each of their forms, and what is none', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  const openssl = (...args: string[]) => run('openssl', args);
  await openssl('genpkey', '-algorithm', 'ed25519', '-out', at('ed.pem'));
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at('ec.pem'));
  await openssl('ec', '-in', at('ec.pem'), '-out', at('sec1.pem'));
  await openssl('pkcs8', '-topk8', '-in', at('ed.pem'), '-passout', 'pass:correct horse', '-out', at('locked.pem'));
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384', '-out', at('p384.pem'));
  await openssl('genpkey', '-algorithm', 'RSA', '-out', at('rsa.pem'));
  await writeFile(at('none.pem'), 'hello\n');
  await writeFile(at('secret'), 'correct horse\n');
  const env = { PASS: 'correct horse', WRONG: 'battery', KEY: await readFile(at('ed.pem'), 'utf8') };
  for (const [key, passphrase] of [
    [at('ed.pem')],
    [at('ec.pem')],
    [at('sec1.pem')],
    ['env:KEY'],
    [at('locked.pem'), 'env:PASS'],
    [at('locked.pem'), `file:${at('secret')}`],
  ] as const)
    t.ok((await openSigner({ key, passphrase, env })).public.id, key);
  for (const [key, passphrase, code] of [
    [at('locked.pem'), undefined, 'usage.key-passphrase'],
    [at('locked.pem'), 'env:WRONG', 'usage.key-passphrase'],
    [at('locked.pem'), 'correct horse', 'usage.key-passphrase'],
    [at('p384.pem'), undefined, 'usage.key-kind'],
    [at('rsa.pem'), undefined, 'usage.key-kind'],
    [at('none.pem'), undefined, 'usage.key-unreadable'],
    [at('missing.pem'), undefined, 'usage.key-missing'],
    ['env:MISSING', undefined, 'usage.key-missing'],
    ['command:cat', undefined, 'usage.key-missing'],
  ] as const)
    await t.rejects(openSigner({ key, passphrase, env }), { code }, `${key} ${code}`);
  t.throws(() => readPublicKey(env.KEY, 'x'), { code: 'usage.key-unreadable' }, 'a private key is no public one');
  const made = await makeKey(at('mine.key'), 'ed25519', 'correct horse');
  await openssl('pkey', '-in', made.file, '-passin', 'pass:correct horse', '-noout');
});

t.test('a command signs, in each form that it may print', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  for (const kind of KINDS) {
    await makeKey(at(`${kind}.key`), kind, undefined);
    const digest = kind === 'p256' ? '-digest sha256' : '';
    const script = at(`${kind}.sh`);
    // openssl reads what it signs from a file alone.
    await writeFile(
      script,
      `#!/bin/sh\ncat > ${at('in')}\nopenssl pkeyutl -sign -inkey ${at(kind)}.key -rawin ${digest} -in ${at('in')} | \${1:-cat}\n`,
    );
    await chmod(script, 0o755);
    for (const form of ['', 'base64']) {
      const signer = await openSigner({ key: `command:${script} ${form}`, publicKey: at(`${kind}.pub`), ...ENV });
      const { bundle } = await filesOf(signer);
      t.doesNotThrow(() =>
        sigstoreVerifies(bundle, ''.concat(signer.public.key.export({ type: 'spki', format: 'pem' }).toString())),
      );
    }
  }
  const wrong = await openSigner({ key: `command:${at('p256.sh')}`, publicKey: at('ed25519.pub'), ...ENV });
  await t.rejects(filesOf(wrong), { code: 'attest.signature-wrong' });
  await t.rejects(openSigner({ key: at('p256.key'), publicKey: at('ed25519.pub'), ...ENV }), {
    code: 'usage.key-mismatch',
  });
  // Two numbers side by side, as tokens give them.
  const pair = `command:node -e "const c=require('crypto'),b=[];process.stdin.on('data',d=>b.push(d)).on('end',()=>process.stdout.write(c.sign('sha256',Buffer.concat(b),{key:require('fs').readFileSync('${at('p256.key')}'),dsaEncoding:'ieee-p1363'})))"`;
  const token = await openSigner({ key: pair.replace('node', process.execPath), publicKey: at('p256.pub'), ...ENV });
  for (let round = 0; round < 12; round++) t.ok((await token.sign(Buffer.from(`${round}`))).length > 64);
});

t.test('minisign and signify read ours, and we read theirs', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  await makeKey(at('k.key'), 'ed25519', undefined);
  const signer = await openSigner({ key: at('k.key'), ...ENV });
  const data = Buffer.from('sums\n');
  await writeFile(at('SHA256SUMS'), data);
  const signature = await minisigned(data, 'web 1', signer);
  await writeFile(at('SHA256SUMS.minisig'), signature);
  const verified = () => run('minisign', ['-V', '-p', at('k.minisign.pub'), '-m', at('SHA256SUMS')], { allow: [0, 1] });
  t.match(await verified(), { exitCode: 0, stdout: /Trusted comment: web 1/ });
  await writeFile(at('SHA256SUMS.minisig'), signature.replace('web 1', 'web 2'));
  t.match(await verified(), { exitCode: 1 });
  const own = readMinisignKey(await readFile(at('k.minisign.pub'), 'utf8'), 'k');
  t.ok(isMinisigned(data, signature, own));
  t.notOk(isMinisigned(Buffer.from('sumz\n'), signature, own));

  await run('minisign', ['-G', '-W', '-p', at('m.pub'), '-s', at('m.key')]);
  const theirs = readMinisignKey(await readFile(at('m.pub'), 'utf8'), 'm');
  for (const legacy of [[], ['-l']]) {
    await run('minisign', [
      '-S',
      ...legacy,
      '-s',
      at('m.key'),
      '-m',
      at('SHA256SUMS'),
      '-x',
      at('m.sig'),
      '-t',
      'hello',
    ]);
    const text = await readFile(at('m.sig'), 'utf8');
    t.ok(isMinisigned(data, text, theirs), `minisign ${legacy}`);
    t.notOk(isMinisigned(data, text, own));
    t.notOk(isMinisigned(data, text.replace('hello', 'hallo'), theirs));
  }
  await run('signify-openbsd', ['-G', '-n', '-p', at('s.pub'), '-s', at('s.sec')]);
  await run('signify-openbsd', ['-S', '-s', at('s.sec'), '-m', at('SHA256SUMS'), '-x', at('s.sig')]);
  const signify = readMinisignKey(await readFile(at('s.pub'), 'utf8'), 's');
  t.ok(isMinisigned(data, await readFile(at('s.sig'), 'utf8'), signify));
  const p256 = await openSigner({ key: 'env:K', env: { K: await newPem('p256') } });
  await t.rejects(minisigned(data, '', p256), { code: 'usage.key-kind' });
});

t.test('OpenPGP over the sums: gpg signs; gpgv, sqv and ingot verify agree', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  // gpg finds its keys where the user's environment says.
  const { GNUPGHOME } = process.env;
  Object.assign(process.env, { GNUPGHOME: at('gnupg') });
  t.teardown(() =>
    GNUPGHOME === undefined
      ? Reflect.deleteProperty(process.env, 'GNUPGHOME')
      : Object.assign(process.env, { GNUPGHOME }),
  );
  await mkdir(at('gnupg'), { mode: 0o700 });
  const env = { GNUPGHOME: at('gnupg') };
  const gpg = (...args: string[]) => run('gpg', ['--batch', ...args], { env });
  try {
    const made = async (name: string): Promise<string> => {
      await gpg('--passphrase', '', '--quick-generate-key', name, 'ed25519', 'sign', 'never');
      await gpg('--armor', '--output', at(`${name}.asc`), '--export', name);
      await gpg('--output', at(`${name}.gpg`), '--export', name);
      const { stdout } = await gpg('--with-colons', '--fingerprint', name);
      return /^fpr:+([0-9A-F]{40}):/m.exec(stdout)?.[1] ?? '';
    };
    const [release, other] = [await made('release'), await made('other')];
    t.not(release, other);
    const folder = await finishedFolder(work.path, { signer: undefined, minisign: false, gpg: release });
    const files = [join(folder, 'SHA256SUMS.asc'), join(folder, 'SHA256SUMS')];
    t.match(await run('gpgv', ['--keyring', at('release.gpg'), ...files]), { exitCode: 0 });
    t.match(await run('sqv', ['--keyring', at('release.gpg'), ...files]), { exitCode: 0, stdout: release });
    const judged = async (key: string) => {
      const context = await openContext(folder, await readExpected([at(key)], undefined));
      return (await checkSignatures(context)).found.map(({ rule }) => rule);
    };
    for (const key of ['release.asc', 'release.gpg']) t.same(await judged(key), [], key);
    t.same(await judged('other.asc'), ['signatures/sums-wrong-key']);
    await appendFile(join(folder, 'SHA256SUMS'), '\n');
    t.same(await judged('release.asc'), ['signatures/sums-wrong-key']);
    await rm(join(folder, 'SHA256SUMS.asc'));
    t.same(await judged('release.asc'), ['signatures/sums-unsigned']);
  } finally {
    await run('gpgconf', ['--kill', 'all'], { env });
  }
});

t.test('what is found of many things alike is told once, with their names', (t) => {
  const lack = (name: string): Judged => ({
    ...{ rule: 'trust/no-package', verdict: 'unjudged', message: `the files of ${name} could not be held: gone` },
    ...{ where: name, hint: 'Give it.' },
  });
  const found = [
    ...Array.from({ length: 20 }, (_, nth) => lack(`p${nth} 1.0`)),
    { ...lack('q 1.0'), message: 'the files of q 1.0 could not be held: another reason' },
    { ...lack('/etc/a'), rule: 'trust/unexplained', verdict: 'fails' as const, message: 'nothing accounts for /etc/a' },
  ];
  const text = verifiedText('web', {
    verdict: 'fails',
    checks: [{ check: 'trust', verdict: 'fails', facts: [], found }],
  });
  t.equal(text.match(/could not be held: gone/g)?.length, 1);
  t.match(text, /at p0 1\.0\n {2}and 19 more: p1 1\.0, p2 1\.0,[\s\S]*p12 1\.0,[\s\S]*… \(--json has all\)\n {2}rule/);
  t.match(text, /another reason\n {2}at q 1\.0\n {2}rule/);
  t.match(text, /FAILS: nothing accounts for \/etc\/a\n {2}at \/etc\/a\n/);
  t.ok(text.indexOf('FAILS: ') < text.indexOf('not judged: '), 'what fails stands first');

  const gone = (nth: number): Judged => ({
    ...{ rule: 'trust/missing', verdict: 'fails', where: `/usr/f${nth}` },
    message: `/usr/f${nth} of p${nth} 1.${nth} is missing: gone`,
  });
  const odd = (nth: number): Judged => ({ ...gone(nth), rule: 'trust/changed', message: `cause ${'x'.repeat(nth)}` });
  const many = verifiedText('web', {
    verdict: 'fails',
    checks: [
      {
        ...{ check: 'trust', verdict: 'fails', facts: [] },
        found: Array.from({ length: 30 }, (_, nth) => [gone(nth), odd(nth)]).flat(),
      },
    ],
  });
  t.match(
    many,
    /\/usr\/f0 of p0 1\.0 is missing: gone\n {2}at \/usr\/f0\n {2}and 29 more: /,
    'one cause, many packages',
  );
  t.equal(many.match(/FAILS: cause/g)?.length, 20);
  t.match(many, /and 10 more of the rule trust\/changed \(--json has all\)/);
  t.end();
});
