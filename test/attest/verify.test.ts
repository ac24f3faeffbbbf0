import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { sealed } from '../../src/attest/dsse.ts';
import { readExpected } from '../../src/attest/expected.ts';
import { addAttestation } from '../../src/attest/folder-attestation.ts';
import { makeKey } from '../../src/attest/keygen.ts';
import { openSigner } from '../../src/attest/signer.ts';
import { statementOf } from '../../src/attest/statement.ts';
import { UNSIGNED } from '../../src/attest/sums-signing.ts';
import { openContext } from '../../src/attest/verify-context.ts';
import { canonicalJson } from '../../src/canonical-json.ts';
import type { TestReport } from '../../src/checks/report/report.ts';
import { PREDICATES, type PredicateKind } from '../../src/formats/reports/predicates.ts';
import { sha256, sha256File, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import type { Verdict } from '../../src/judgement.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { promote } from '../../src/promotion.ts';
import { isAttested } from '../../src/stages/deliver/attest-output.ts';
import { dependenciesOf } from '../../src/stages/deliver/dependencies.ts';
import { statedLock } from '../../src/stages/deliver/stated-lock.ts';
import { CHECKS, type Check, checksWith, verify } from '../../src/verification.ts';
import { finishedFolder, loadedWeb } from './finished-folder.ts';

const ENV = { env: {} };
const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

/** As somebody with the folder, but not the key, would: the sums fit again. */
const sumsAgain = async (folder: string) => {
  const path = join(folder, 'SHA256SUMS');
  const names = (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.slice(66));
  const lines: string[] = [];
  for (const name of names) {
    const digest = await sha256File(join(folder, name)).catch(() => undefined);
    if (digest !== undefined) lines.push(`${digest}  ${name}\n`);
  }
  await writeFile(path, lines.join(''));
};

const edit = async (folder: string, name: string, change: (text: string) => string) => {
  const before = await readFile(join(folder, name), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${name} was not changed`);
  await writeFile(join(folder, name), after);
};

/** The statement in all of its three files, signed by nobody new. */
const editStatement = async (folder: string, stem: string, change: (text: string) => string) => {
  await edit(folder, `${stem}.json`, change);
  const payload = (await readFile(join(folder, `${stem}.json`))).toString('base64');
  const repack = (text: string) => text.replace(/"payload":"[^"]*"/, `"payload":"${payload}"`);
  await edit(folder, `${stem}.dsse.json`, repack);
  await edit(folder, `${stem}.sigstore.json`, repack);
  await sumsAgain(folder);
};

t.test('a finished folder and what can be done to it', async (t) => {
  await using work = await temporaryFolder();
  const at = (name: string) => join(work.path, name);
  await makeKey(at('release.key'), 'ed25519', undefined);
  await makeKey(at('other.key'), 'p256', undefined);
  const signer = await openSigner({ key: at('release.key'), ...ENV });
  const other = await openSigner({ key: at('other.key'), ...ENV });
  const clean = await finishedFolder(work.path, { signer, minisign: true, gpg: undefined });
  await mkdir(at('elsewhere'));
  let nth = 0;
  const copied = async () => {
    const folder = at(`elsewhere/${nth++}`);
    await cp(clean, folder, { recursive: true });
    return folder;
  };
  const look = async (target: string, keys = [at('release.pub')], policy?: string) => {
    const wanted = policy === undefined ? undefined : (await readPolicy(policy)).policy.signatures;
    const found = await verify(await openContext(target, await readExpected(keys, wanted)));
    return { ...found, found: found.checks.flatMap((one) => one.found) };
  };

  await t.test('the clean folder holds', async (t) => {
    const folder = await copied();
    for (const target of [folder, join(folder, 'web.qcow2')])
      t.match(await look(target), { verdict: 'holds', found: [] });
    t.match(await look(folder, [at('release.minisign.pub')]), { verdict: 'holds' });
    t.match(await look(folder, [at('release.pub'), at('release.minisign.pub')]), { verdict: 'holds' });
  });

  /** What is done, which rule finds it and where; `keys` and `policy` as they are named. */
  const MUTATIONS: readonly {
    readonly name: string;
    readonly change?: (folder: string) => Promise<unknown>;
    readonly rule: string;
    readonly where?: string;
    readonly verdict?: Verdict;
    readonly keys?: readonly string[];
    readonly policy?: string;
    readonly target?: string;
  }[] = [
    {
      name: 'one bit of the image',
      change: async (folder) => {
        const bytes = await readFile(join(folder, 'web.qcow2'));
        bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7);
        await writeFile(join(folder, 'web.qcow2'), bytes);
      },
      rule: 'sums/changed-file',
      where: 'web.qcow2',
    },
    {
      name: 'another image, and sums that fit it',
      change: async (folder) => {
        await writeFile(join(folder, 'web.qcow2'), 'another image');
        await sumsAgain(folder);
      },
      rule: 'statements/subject-changed',
      where: 'web.qcow2',
    },
    {
      name: 'another image, with sums and manifest that fit it',
      change: async (folder) => {
        const before = await sha256File(join(folder, 'web.qcow2'));
        await writeFile(join(folder, 'web.qcow2'), 'another image');
        await edit(folder, 'manifest.json', (text) => text.replace(before, sha256('another image')));
        await sumsAgain(folder);
      },
      rule: 'statements/byproduct-changed',
      where: 'manifest.json',
    },
    {
      name: 'a manifest that is about another image',
      change: async (folder) => {
        await edit(folder, 'manifest.json', (text) =>
          text.replace(/("size": \d+,\s+"sha256": ")[0-9a-f]{64}/, `$1${sha256('x')}`),
        );
        await sumsAgain(folder);
      },
      rule: 'manifest/changed-file',
      where: 'web.qcow2',
    },
    {
      name: 'a manifest that is damaged',
      change: (folder) => edit(folder, 'manifest.json', (text) => text.slice(0, 40)),
      rule: 'manifest/unreadable',
      where: 'manifest.json',
    },
    {
      name: 'an edited package list',
      change: (folder) => edit(folder, 'packages.txt', (text) => text.replace('22', '23')),
      rule: 'sums/changed-file',
      where: 'packages.txt',
    },
    {
      name: 'a missing file',
      change: (folder) => rm(join(folder, 'packages.txt')),
      rule: 'sums/missing-file',
      where: 'packages.txt',
    },
    {
      name: 'a missing file, and sums without it',
      change: async (folder) => {
        await rm(join(folder, 'packages.txt'));
        await sumsAgain(folder);
      },
      rule: 'statements/byproduct-missing',
      where: 'packages.txt',
    },
    {
      name: 'a file more',
      change: (folder) => writeFile(join(folder, 'setup.exe'), 'x'),
      rule: 'sums/extra-file',
      where: 'setup.exe',
    },
    {
      name: 'a file more in a folder of its own',
      change: async (folder) => {
        await mkdir(join(folder, 'tools'));
        await writeFile(join(folder, 'tools', 'setup.exe'), 'x');
      },
      rule: 'sums/extra-file',
      where: 'tools/setup.exe',
    },
    {
      name: 'a file more that the sums name',
      change: async (folder) => {
        await writeFile(join(folder, 'setup.exe'), 'x');
        await edit(folder, 'SHA256SUMS', (text) => `${text}${sha256('x')}  setup.exe\n`);
      },
      rule: 'statements/not-covered',
      where: 'setup.exe',
    },
    {
      name: 'a link in place of the image',
      change: async (folder) => {
        await rename(join(folder, 'web.qcow2'), at('moved.qcow2'));
        await writeFile(at('target.qcow2'), 'elsewhere');
        await symlink(at('target.qcow2'), join(folder, 'web.qcow2'));
      },
      rule: 'sums/no-file',
      where: 'web.qcow2',
    },
    {
      name: 'a link to the very image',
      change: async (folder) => {
        await rename(join(folder, 'web.qcow2'), at('the-image.qcow2'));
        await symlink(at('the-image.qcow2'), join(folder, 'web.qcow2'));
      },
      rule: 'sums/no-file',
      where: 'web.qcow2',
    },
    {
      name: 'sums with a path that leads out',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => `${text}${sha256('x')}  ../../other\n`),
      rule: 'sums/path',
      where: 'SHA256SUMS:11',
    },
    {
      name: 'sums that name a file twice',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => `${text}${sha256('x')}  web.qcow2\n`),
      rule: 'sums/twice',
    },
    {
      name: 'sums with a line of something else',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => `${text}hello\n`),
      rule: 'sums/line',
    },
    {
      name: 'sums that are gone',
      change: (folder) => rm(join(folder, 'SHA256SUMS')),
      rule: 'sums/missing',
      where: 'SHA256SUMS',
    },
    {
      name: 'an edited statement',
      change: (folder) => edit(folder, 'provenance.json', (text) => text.replace('"hello"', '"hallo"')),
      rule: 'signatures/other-statement',
      where: 'provenance.json',
    },
    {
      name: 'a statement that is edited in all of its files',
      change: (folder) => editStatement(folder, 'provenance', (text) => text.replace('"hello"', '"hallo"')),
      rule: 'signatures/wrong-key',
      where: 'provenance.dsse.json',
    },
    {
      name: 'a statement written anew, with the same meaning',
      change: (folder) => editStatement(folder, 'provenance', (text) => JSON.stringify(JSON.parse(text), null, 1)),
      rule: 'signatures/wrong-key',
      where: 'provenance.dsse.json',
    },
    {
      name: 'an edited statement in the bundle alone',
      change: async (folder) => {
        const text = (await readFile(join(folder, 'provenance.json'), 'utf8')).replace('"hello"', '"hallo"');
        const payload = Buffer.from(text).toString('base64');
        await edit(folder, 'provenance.sigstore.json', (all) =>
          all.replace(/"payload":"[^"]*"/, `"payload":"${payload}"`),
        );
      },
      rule: 'signatures/other-statement',
    },
    {
      name: 'a subject of another name',
      change: (folder) =>
        editStatement(folder, 'provenance', (text) => text.replace('"name":"web.qcow2"', '"name":"db.qcow2"')),
      rule: 'statements/renamed',
      where: 'web.qcow2',
    },
    {
      name: 'an image of another name',
      change: (folder) => rename(join(folder, 'web.qcow2'), join(folder, 'db.qcow2')),
      rule: 'statements/subject-missing',
      where: 'web.qcow2',
    },
    {
      name: 'an image of another name that was asked about',
      change: (folder) => rename(join(folder, 'web.qcow2'), join(folder, 'db.qcow2')),
      rule: 'statements/renamed',
      where: 'db.qcow2',
      target: 'db.qcow2',
    },
    {
      name: 'a subject with another digest',
      change: (folder) =>
        editStatement(folder, 'provenance', (text) =>
          text.replace(/("subject":\[\{"digest":\{"sha256":")./, '$1z').replace('"sha256":"z', '"sha256":"0'),
        ),
      rule: 'statements/subject-changed',
      where: 'web.qcow2',
    },
    {
      name: 'an unknown predicate',
      change: (folder) =>
        editStatement(folder, 'provenance', (text) => text.replace('slsa.dev/provenance/v1', 'slsa.dev/provenance/v9')),
      rule: 'statements/unknown-predicate',
      where: 'provenance.json',
    },
    {
      name: 'another payload type',
      change: (folder) => edit(folder, 'provenance.dsse.json', (text) => text.replace('vnd.in-toto+json', 'json')),
      rule: 'statements/payload-type',
      where: 'provenance.json',
    },
    {
      name: 'an unknown external parameter',
      change: (folder) =>
        editStatement(folder, 'provenance', (text) =>
          text.replace('"externalParameters":{', '"externalParameters":{"debug":true,'),
        ),
      rule: 'statements/unknown-parameter',
    },
    {
      name: 'a provenance without its builder',
      change: (folder) => editStatement(folder, 'provenance', (text) => text.replace('"builder":', '"builders":')),
      rule: 'statements/incomplete',
    },
    {
      name: 'a removed attestation',
      change: async (folder) => {
        for (const name of ['provenance.json', 'provenance.dsse.json', 'provenance.sigstore.json'])
          await rm(join(folder, name));
        await sumsAgain(folder);
      },
      rule: 'statements/no-provenance',
      where: 'provenance.json',
    },
    {
      name: 'removed signatures',
      change: async (folder) => {
        for (const name of ['provenance.dsse.json', 'provenance.sigstore.json']) await rm(join(folder, name));
        await sumsAgain(folder);
      },
      rule: 'signatures/unsigned',
      where: 'provenance.json',
    },
    {
      name: 'a removed attestation of the bill of materials',
      change: async (folder) => {
        for (const end of ['json', 'dsse.json', 'sigstore.json']) await rm(join(folder, `web.cdx.intoto.${end}`));
        await sumsAgain(folder);
      },
      rule: 'statements/attestation-missing',
      where: 'web.cdx.json',
    },
    {
      name: 'a swapped bill of materials',
      change: async (folder) => {
        await edit(folder, 'web.cdx.json', (text) => text.replace('openssl', 'libressl'));
        await sumsAgain(folder);
      },
      rule: 'statements/document-swapped',
      where: 'web.cdx.json',
    },
    {
      name: 'an envelope that is none',
      change: (folder) => writeFile(join(folder, 'provenance.dsse.json'), '{"payload": 1}'),
      rule: 'signatures/damaged',
      where: 'provenance.dsse.json',
    },
    {
      name: 'a signature by another key',
      change: async (folder) => {
        const body = await readFile(join(folder, 'provenance.json'));
        await writeFile(join(folder, 'provenance.dsse.json'), canonicalJson(await sealed(body, other)));
        await sumsAgain(folder);
      },
      rule: 'signatures/wrong-key',
      where: 'provenance.dsse.json',
    },
    {
      name: 'a signature of another key with the key id of the right one',
      change: async (folder) => {
        const body = await readFile(join(folder, 'provenance.json'));
        const envelope = canonicalJson(await sealed(body, other)).replace(other.public.id, signer.public.id);
        await writeFile(join(folder, 'provenance.dsse.json'), envelope);
      },
      rule: 'signatures/wrong-key',
      where: 'provenance.dsse.json',
    },
    { name: 'the wrong key', rule: 'signatures/wrong-key', keys: ['other.pub'] },
    { name: 'no key', rule: 'signatures/no-key', keys: [], verdict: 'unjudged' },
    {
      name: 'sums that minisign did not sign',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => `${text}\n`),
      rule: 'signatures/sums-wrong-key',
      where: 'SHA256SUMS.minisig',
      keys: ['release.minisign.pub'],
    },
    {
      name: 'a removed signature of minisign',
      change: (folder) => rm(join(folder, 'SHA256SUMS.minisig')),
      rule: 'signatures/sums-unsigned',
      where: 'SHA256SUMS.minisig',
      keys: ['release.minisign.pub'],
    },
    {
      name: 'an edited trusted comment of minisign',
      change: (folder) => edit(folder, 'SHA256SUMS.minisig', (text) => text.replace('web 1', 'web 2')),
      rule: 'signatures/sums-wrong-key',
      keys: ['release.minisign.pub'],
    },
    {
      name: 'a key whose time has ended',
      policy: 'signatures: {keys: [{file: release.pub, until: 2020-01-01}]}',
      keys: [],
      rule: 'signatures/key-ended',
    },
    {
      name: 'two signatures wanted',
      policy: 'signatures: {keys: [{file: release.pub}, {file: other.pub}], threshold: 2}',
      keys: [],
      rule: 'signatures/wrong-key',
    },
    { name: 'tests wanted', policy: 'signatures: {require: [tests]}', rule: 'statements/required-missing' },
    {
      name: 'another builder wanted',
      policy: 'signatures: {builders: ["urn:ingot:builder:v1:network-closed"]}',
      rule: 'statements/builder',
    },
    {
      name: 'a later statement that nobody signed',
      change: (folder) => cp(join(folder, 'web.cdx.intoto.json'), join(folder, 'web.later.intoto.json')),
      rule: 'signatures/unsigned',
      where: 'web.later.intoto.json',
    },
    {
      name: 'sums with the line ends of another system',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => text.replaceAll('\n', '\r\n')),
      rule: 'sums/line',
    },
    {
      name: 'sums with a mark before them',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => `\ufeff${text}`),
      rule: 'sums/line',
    },
    {
      name: 'sums with a name that is written otherwise',
      change: (folder) => edit(folder, 'SHA256SUMS', (text) => text.replace('  web.qcow2', '  ./web.qcow2')),
      rule: 'sums/missing-file',
      where: './web.qcow2',
    },
    {
      name: 'a record of files that the build did not write',
      change: async (folder) => {
        await writeFile(join(folder, 'trust.json'), '{"version":1,"files":{}}');
        await edit(folder, 'SHA256SUMS', (text) => `${text}${sha256('{"version":1,"files":{}}')}  trust.json\n`);
      },
      rule: 'statements/not-covered',
      where: 'trust.json',
    },
    ...Object.entries({
      'a payload type in capitals': (text: string) => text.replace('vnd.in-toto', 'VND.in-toto'),
      'a payload with blanks in it': (text: string) => text.replace(/"payload":"(.{20})/, '"payload":"$1 '),
      'an envelope without a signature': (text: string) => text.replace(/"signatures":\[.*?\]/, '"signatures":[]'),
      'an envelope in a list': (text: string) => `[${text}]`,
      'an envelope of brackets': () => '['.repeat(100_000),
    }).map(([name, change]) => ({
      name,
      change: async (folder: string) => {
        await edit(folder, 'provenance.dsse.json', change);
        await sumsAgain(folder);
      },
      rule: name === 'a payload type in capitals' ? 'signatures/wrong-key' : 'signatures/damaged',
      where: 'provenance.dsse.json',
    })),
    {
      name: 'a second provenance by somebody else',
      change: async (folder) => {
        const body = await readFile(join(folder, 'provenance.json'));
        await writeFile(join(folder, 'more.intoto.json'), body);
        await writeFile(join(folder, 'more.intoto.dsse.json'), canonicalJson(await sealed(body, other)));
      },
      rule: 'signatures/wrong-key',
      where: 'more.intoto.dsse.json',
    },
    {
      name: 'tests of another image, by the right key',
      change: async (folder) => {
        const subject = [{ name: 'web.qcow2', digest: { sha256: '0'.repeat(64) } }];
        const predicate = { result: 'PASSED', configuration: [], passedTests: ['x'] };
        const predicateType = 'https://in-toto.io/attestation/test-result/v0.1';
        const body = Buffer.from(
          canonicalJson({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate }),
        );
        await writeFile(join(folder, 'old.intoto.json'), body);
        await writeFile(join(folder, 'old.intoto.dsse.json'), canonicalJson(await sealed(body, signer)));
      },
      rule: 'statements/subject-changed',
      where: 'web.qcow2',
    },
    {
      name: 'a document under another name',
      change: async (folder) => {
        for (const end of ['json', 'dsse.json', 'sigstore.json'])
          await cp(join(folder, `web.cdx.intoto.${end}`), join(folder, `old.cdx.intoto.${end}`));
      },
      rule: 'statements/document-missing',
    },
  ];

  for (const { name, change, rule, where, verdict = 'fails', keys = ['release.pub'], policy, target } of MUTATIONS)
    await t.test(name, async (t) => {
      const folder = await copied();
      await change?.(folder);
      if (policy !== undefined) await writeFile(at('policy.yaml'), policy);
      const seen = await look(
        target === undefined ? folder : join(folder, target),
        keys.map(at),
        policy && at('policy.yaml'),
      );
      t.equal(seen.verdict, verdict);
      const found = seen.found.find((one) => one.rule === rule && (where === undefined || one.where === where));
      t.ok(found, `found: ${JSON.stringify(seen.found)}`);
      t.ok((found?.message.length ?? 0) > 20 && found?.hint, 'what, and what to do');
    });

  await t.test('an image alone is not judged', async (t) => {
    await mkdir(at('alone'));
    await cp(join(clean, 'web.qcow2'), at('alone/web.qcow2'));
    await writeFile(at('alone/holiday.jpg'), 'x');
    const seen = await look(at('alone/web.qcow2'), []);
    t.match(seen, { verdict: 'unjudged' });
    t.ok(
      seen.checks.every(({ verdict }) => verdict === 'unjudged'),
      JSON.stringify(seen.checks),
    );
  });

  await t.test('a build states how its tests came out', async (t) => {
    const result = { rule: 'tests/package', on: 'image', message: '', where: undefined };
    const report = (verdict: Verdict): TestReport => ({
      ...{ version: 1, image: { file: 'web.qcow2' }, tests: 'a'.repeat(64), scope: 'all', verdict, machines: [] },
      results: [{ ...result, name: 'image: package openssl', verdict }],
    });
    const good = await look(await finishedFolder(at('tested'), UNSIGNED, report('holds')), []);
    t.match(good, { verdict: 'holds' });
    t.match(JSON.stringify(good.checks), /tests\.intoto\.json: tests, 1 files; PASSED: 1 tests passed/);
    const bad = await look(await finishedFolder(at('untested'), UNSIGNED, report('fails')), []);
    t.match(bad, { verdict: 'fails', found: [{ rule: 'statements/tests-fail', where: 'tests.intoto.json' }] });
  });

  await t.test('unsigned is called so, and a key finds it out', async (t) => {
    const folder = await finishedFolder(at('unsigned'));
    const seen = await look(folder, []);
    t.match(seen, { verdict: 'holds' });
    t.match(JSON.stringify(seen.checks), /UNSIGNED/);
    t.match(await look(folder), { verdict: 'fails' });
  });

  await t.test('what was found out about it later', async (t) => {
    const vulns = (result: readonly unknown[]) => ({
      scanner: { uri: 'pkg:npm/ingot', version: '1', db: { lastUpdate: '2026-11-29T00:00:00Z' }, result },
      metadata: { scanStartedOn: '2026-11-30T00:00:00Z', scanFinishedOn: '2026-11-30T00:00:00Z' },
    });
    const flow = {
      ...{ phase: 'boot', protocol: 'tcp', name: 'telemetry.example', address: '10.0.2.40', port: 443 },
      ...{ first: 1, last: 2, tries: 1, bytes: 300, said: [{ kind: 'tls', name: 'telemetry.example', protocols: [] }] },
    };
    const lease = { ...flow, protocol: 'dhcp', name: undefined, port: 67, said: [{ kind: 'dhcp', hostName: 'web' }] };
    const seen = { mode: 'sink', isUp: true, lost: 0, frames: { link: 3, unread: 0 }, flows: [lease] };
    const egress = (observed: unknown, judgement: unknown = null) => ({
      ...{ createdOn: '2026-11-30T00:00:00Z', installed: [], observed, judgement },
    });
    const tests = { result: 'PASSED', configuration: [], passedTests: ['default: boot'] };
    const odd = { ...tests, result: 'FINE' };
    const rows: readonly (readonly [
      what: string,
      kind: PredicateKind,
      predicate: unknown,
      verdict: Verdict,
      rules: readonly string[],
    ])[] = [
      ['tests that passed', 'tests', tests, 'holds', []],
      [
        'tests that failed',
        'tests',
        { ...tests, result: 'FAILED', failedTests: ['x'] },
        'fails',
        ['statements/tests-fail'],
      ],
      [
        'called passed, with one that failed',
        'tests',
        { ...tests, failedTests: ['x'] },
        'fails',
        ['statements/tests-fail'],
      ],
      [
        'tests that were not judged',
        'tests',
        { ...tests, result: 'WARNED', warnedTests: ['x'] },
        'unjudged',
        ['statements/tests-unjudged'],
      ],
      ['a result that there is not', 'tests', odd, 'fails', ['statements/incomplete']],
      ['no vulnerabilities', 'vulnerabilities', vulns([]), 'holds', []],
      [
        'some',
        'vulnerabilities',
        vulns([{ id: 'CVE-2026-1', severity: [{ method: 'CVSS:3.1', score: '9.8' }] }]),
        'holds',
        [],
      ],
      ['without a scanner', 'vulnerabilities', { metadata: {} }, 'fails', ['statements/incomplete']],
      ['nothing but its lease', 'egress', egress(seen), 'holds', []],
      ['judged to send', 'egress', egress(seen, { verdict: 'fails' }), 'fails', ['statements/egress-fail']],
      ['what a policy does not allow', 'egress', egress({ ...seen, flows: [lease, flow] }), 'fails', ['egress/flow']],
      ['read from the disk alone', 'egress', egress(null), 'unjudged', ['egress/not-observed']],
      ['did not come up', 'egress', egress({ ...seen, isUp: false }), 'unjudged', ['egress/not-up']],
      ['flows of no form', 'egress', egress({ ...seen, flows: [{ to: 'x' }] }), 'unjudged', ['egress/not-stated']],
    ];
    await writeFile(at('quiet.yaml'), 'egress: {allow: [dhcp]}\n');
    const policy = await readPolicy(at('quiet.yaml'));
    const judged = async (folder: string, asked: typeof policy | undefined) => {
      const context = await openContext(folder, await readExpected([at('release.pub')]));
      return verify(context, checksWith(asked));
    };
    for (const [what, kind, predicate, verdict, rules] of rows) {
      const folder = await copied();
      const subject = [{ name: 'web.qcow2', digest: { sha256: await sha256File(join(folder, 'web.qcow2')) } }];
      await addAttestation(folder, 'later.intoto', statementOf(subject, PREDICATES[kind], predicate), signer);
      const found = await judged(folder, kind === 'egress' ? policy : undefined);
      t.equal(found.verdict, verdict, what);
      t.same(
        found.checks.flatMap((one) => one.found.map(({ rule }) => rule)),
        rules,
        what,
      );
    }
    t.match(await judged(await copied(), policy), { verdict: 'unjudged' }, 'nothing states what it sends');
    t.match(await judged(await copied(), undefined), { verdict: 'holds' }, 'and without a policy nobody asks');
  });

  await t.test('what holds is promoted, what does not is not', async (t) => {
    const folder = await copied();
    const golden = at('golden');
    const context = async (target: string) => openContext(target, await readExpected([at('release.pub')]));
    const wish = { checks: CHECKS, policy: undefined, to: golden, signer, now: new Date('2026-11-30T00:00:00Z') };
    const made = await promote({ ...wish, context: await context(folder) });
    const output = join(golden, basename(folder));
    t.match(made, { verified: { verdict: 'holds' }, output });
    t.match(await look(output), { verdict: 'holds' }, 'with its summary it holds, too');
    t.match(JSON.parse(await readFile(join(output, 'promotion.intoto.json'), 'utf8')), {
      predicateType: 'https://slsa.dev/verification_summary/v1',
      subject: [{ name: 'web.qcow2' }],
      predicate: {
        verificationResult: 'PASSED',
        verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
        resourceUri: 'urn:ingot:image:web:1',
      },
    });
    await t.rejects(promote({ ...wish, context: await context(folder) }), { code: 'attest.promoted-already' });
    await t.rejects(promote({ ...wish, context: await context(join(folder, 'web.qcow2')) }), {
      code: 'usage.no-folder',
    });
    await writeFile(at('a-file'), '');
    await symlink(folder, at('a-link'));
    const before = await readdir(folder);
    for (const [to, code] of [
      [at('a-file'), 'host.not-a-folder'],
      [join(at('a-file'), 'below'), 'host.not-a-folder'],
      [folder, 'usage.promoted-into-itself'],
      [join(folder, 'new', 'golden'), 'usage.promoted-into-itself'],
      [at('a-link'), 'usage.promoted-into-itself'],
      ['/proc/x', 'host.no-folder-here'],
    ] as const)
      await t.rejects(promote({ ...wish, to, context: await context(folder) }), { code, where: /./, hint: /./ }, to);
    t.same(await readdir(folder), before, 'what is promoted is not written into');
    const bad = await copied();
    await writeFile(join(bad, 'web.qcow2'), 'another');
    t.match(await promote({ ...wish, context: await context(bad) }), {
      verified: { verdict: 'fails' },
      output: undefined,
    });
    const late = await copied();
    const asked = await context(late);
    const last: Check = {
      name: 'meanwhile',
      run: async () => {
        await writeFile(join(late, 'packages.txt'), 'changed after it was verified\n');
        return { check: 'meanwhile', verdict: 'holds', facts: [], found: [] };
      },
    };
    await t.rejects(promote({ ...wish, checks: [...CHECKS, last], context: asked }), { code: 'attest.copy-differs' });
    t.same((await readdir(golden)).sort(), [basename(folder)], 'nothing is left of what was not promoted');
  });

  await t.test('the command line: keys, statements, and what each end says', async (t) => {
    const folder = await copied();
    const ingot = (...args: string[]) =>
      run(process.execPath, [MAIN, ...args], { cwd: work.path, allow: [0, 1, 2], env: { PASS: 'correct horse' } });
    t.match(await ingot('verify', folder, '--key', 'release.pub'), {
      exitCode: 0,
      stdout: /^holds +sums[\s\S]*holds +signatures[\s\S]*release\.pub[\s\S]* holds\n?$/,
    });
    t.match(await ingot('verify', folder, '--key', 'other.pub'), { exitCode: 1, stdout: /DOES NOT HOLD/ });
    t.match(await ingot('verify', folder), { exitCode: 2, stdout: /no pass/ });
    const seen = JSON.parse((await ingot('verify', folder, '--json', '--key', 'release.pub')).stdout);
    t.match(seen, { verdict: 'holds', checks: [{ check: 'sums', verdict: 'holds' }, {}, {}] });
    for (const args of [[at('nowhere')], [folder, '--key', 'release.key'], [folder, '--key', 'gone.pub']])
      t.match(await ingot('verify', ...args), { exitCode: 2 }, 'what cannot be begun is not judged either');
    await writeFile(at('bad.yaml'), 'signatures: {keys: [{file: release.pub, color: red}]}');
    t.match(await ingot('verify', folder, '--policy', 'bad.yaml'), { exitCode: 2, stderr: /color/ });

    t.match(await ingot('keygen', 'new.key', '--passphrase', 'env:PASS'), { exitCode: 0, stdout: /encrypted/ });
    t.match(await ingot('keygen', 'new.key'), { exitCode: 2, stderr: /usage\.file-exists/ });
    await writeFile(at('results.json'), '{"result":"PASSED","configuration":[],"passedTests":["boot"]}');
    const attest = (...more: string[]) =>
      ingot('attest', folder, '--type', 'tests', '--predicate', 'results.json', '--name', 'tests', ...more);
    t.match(await attest('--sign', 'new.key', '--sign-passphrase', 'env:PASS'), { exitCode: 0, stdout: /signed by/ });
    t.match(await attest(), { exitCode: 1, stderr: /attest\.already-there/ });
    await writeFile(at('odd.json'), '{"passedTests":["boot"]}');
    const type = 'https://in-toto.io/attestation/test-result/v0.1';
    await writeFile(
      at('whole.json'),
      JSON.stringify({ predicateType: type, predicate: await json(at('results.json')) }),
    );
    for (const [args, code] of [
      [['--type', 'tests', '--predicate', 'odd.json'], /usage\.predicate-invalid/],
      [['--predicate', 'results.json'], /usage\.predicate-type/],
      [['--type', 'egress', '--predicate', 'whole.json'], /usage\.predicate-type/],
      [['--type', 'nothing', '--predicate', 'results.json'], /usage\.predicate-type/],
    ] as const)
      t.match(await ingot('attest', folder, ...args, '--name', 'x'), { exitCode: 2, stderr: code });
    const elsewhere = await copied();
    t.match(await ingot('attest', elsewhere, '--predicate', 'whole.json', '--name', 'whole'), { exitCode: 0 });
    t.match(await json(join(elsewhere, 'whole.intoto.json')), { predicateType: type, predicate: { result: 'PASSED' } });
    t.match(await ingot('verify', folder, '--key', 'release.pub'), {
      exitCode: 1,
      stdout: /tests\.intoto\.dsse\.json/,
    });
    const both = ['--key', 'release.pub', '--key', 'new.pub'];
    t.match(await ingot('verify', folder, ...both), { exitCode: 0, stdout: /tests\.intoto\.json: tests/ });
    await writeFile(
      at('policy.yaml'),
      'signatures: {keys: [{file: release.pub}, {file: new.pub}], require: [provenance, tests]}',
    );
    t.match(await ingot('verify', folder, '--policy', 'policy.yaml'), { exitCode: 0 });
    await rm(join(folder, 'tests.intoto.json'));
    t.match(await ingot('verify', folder, ...both), { exitCode: 1, stdout: /tests\.intoto\.json/ });
  });

  await t.test('what lies there is kept when it is stated, and signed as asked for now', async (t) => {
    const folder = await copied();
    const manifest = await json(join(folder, 'manifest.json'));
    const asked = { signer: undefined, minisign: false, gpg: undefined };
    t.ok(await isAttested(folder, manifest, asked), 'a signature more does no harm');
    t.ok(await isAttested(folder, manifest, { ...asked, signer, minisign: true }));
    t.notOk(await isAttested(folder, manifest, { ...asked, signer: other }), 'another key');
    t.notOk(await isAttested(folder, manifest, { ...asked, gpg: 'A'.repeat(40) }), 'another form');
    const images = manifest.images.map((one: object) => ({ ...one, sha256: '0'.repeat(64) }));
    t.notOk(await isAttested(folder, { ...manifest, images }, asked), 'another image');
    await edit(folder, 'provenance.json', (text) => text.replace('hello', 'hallo'));
    t.notOk(await isAttested(folder, manifest, { ...asked, signer }), 'edited since');
    await rm(join(folder, 'provenance.json'));
    t.notOk(await isAttested(folder, manifest, asked), 'none at all');
  });

  await t.test('what provenance says', async (t) => {
    const text = await readFile(join(clean, 'provenance.json'), 'utf8');
    t.notMatch(text, /secret-token-1|9f0b/, 'no secret');
    const { predicate, subject } = await json(join(clean, 'provenance.json'));
    t.match(subject, [{ name: 'web.qcow2' }]);
    const { buildDefinition, runDetails } = predicate;
    t.same(Object.keys(buildDefinition.externalParameters).sort(), ['image', 'recipe', 'variables']);
    t.equal(runDetails.builder.id, 'urn:ingot:builder:v1:network-closed:stand-ins:secrets');
    t.match(buildDefinition.internalParameters, { accelerator: 'tcg', tools: { 'qemu-system-x86_64': '7.2.22' } });
    const names = buildDefinition.resolvedDependencies.map(
      ({ name, uri }: { name: string; uri: string }) => uri ?? name,
    );
    for (const wanted of [
      'web.yaml',
      'setup.sh',
      'site/index.html',
      'site/css/main.css',
      'keys.gpg',
      'http://archive.example.org/debian/dists/bookworm/InRelease',
      'http://archive.example.org/security/dists/bookworm-security/InRelease',
      'pkg:deb/debian/openssl@3.0.22-1~deb12u2?arch=amd64&distro=debian-12',
      'pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12',
      'pkg:deb/debian/anna@1.87?arch=amd64&distro=debian-12',
      'pkg:deb/debian/grub-efi-amd64-signed@1%2B2.06?arch=amd64&distro=debian-12',
      'installer/components/finish-install',
      'installer/hooks',
      'pkg:npm/ingot@0.1.0',
    ])
      t.ok(names.includes(wanted), wanted);
    t.notOk(names.includes('token'), 'a secret is no dependency by digest');
    t.ok(buildDefinition.resolvedDependencies.every(({ digest }: { digest: object }) => digest));
    t.match(runDetails.metadata, { invocationId: '20261130-000000-web', startedOn: '2026-11-30T00:00:00.000Z' });
    const kept = runDetails.byproducts.map(({ name }: { name: string }) => name);
    t.same(
      kept.filter((name: string) => /lock|log|manifest/.test(name)),
      ['manifest.json', 'lock.json', 'install/installer.log'],
    );
    const loaded = await loadedWeb(at('locked'));
    const build = { recipe: 'web.yaml', system: 'debian 12', hooks: 'a', secrets: [], files: [] };
    const frozen = { build, where: '/elsewhere/web.yaml.lock', sha256: 'a'.repeat(64) };
    const lock = { name: 'web.yaml.lock', digest: { sha256: 'a'.repeat(64) }, annotations: { for: 'lock' } };
    const locked = await dependenciesOf({ ...loaded, frozen }, { sha256: 'b', lock: undefined, added: undefined });
    t.match(
      locked.find(({ annotations }) => annotations?.['for'] === 'lock'),
      lock,
      'the lock of a build that kept to it',
    );
    t.same(statedLock({ frozen }), { file: 'web.yaml.lock', sha256: 'a'.repeat(64) }, 'as the manifest has it');
    t.equal(statedLock(loaded), undefined);
    const again = await json(join(await finishedFolder(at('again')), 'provenance.json'));
    t.same(again.predicate.buildDefinition, buildDefinition, 'no clock outside of the metadata');
  });
});
