/** What a guest tells, TAP and goss files are read as they are meant; results are written as their readers want them. */
import t from 'tap';
import { parse } from 'yaml';
import { collectScript } from '../../src/checks/collect.ts';
import { readGoss } from '../../src/checks/goss.ts';
import { askScript } from '../../src/checks/kinds/http.ts';
import { suiteOutcomes } from '../../src/checks/kinds/suite.ts';
import { parseFacts } from '../../src/checks/parse-facts.ts';
import { parseProcNet, parseSs } from '../../src/checks/parse-listeners.ts';
import { junitText } from '../../src/checks/report/junit.ts';
import { testResultPredicate } from '../../src/checks/report/predicate.ts';
import { countsOf, judgementOf, type TestReport } from '../../src/checks/report/report.ts';
import { tapText } from '../../src/checks/report/tap.ts';
import { reportText } from '../../src/checks/report/text.ts';
import { readTap } from '../../src/checks/tap-reader.ts';
import { formatted, REPORT_FORMATS } from '../../src/cli/image/test-formats.ts';
import { run } from '../../src/host/run.ts';

t.test('listeners', (t) => {
  const ss = (line: string) => parseSs(line)[0];
  t.same(ss('tcp   LISTEN 0      128    0.0.0.0:22    0.0.0.0:*    users:(("sshd",pid=5,fd=3))'), {
    protocol: 'tcp',
    address: '0.0.0.0',
    port: 22,
    process: 'sshd',
  });
  t.match(ss('tcp LISTEN 0 128 [::]:22 [::]:*'), { address: '::', port: 22, process: '' });
  t.match(ss('tcp LISTEN 0 128 *:9090 *:*'), { address: '::', port: 9090 });
  t.match(ss('tcp LISTEN 0 128 [::ffff:127.0.0.1]:80 *:*'), { address: '127.0.0.1' });
  t.match(ss('udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=1,fd=2))'), {
    protocol: 'udp',
    address: '127.0.0.53',
  });
  t.match(ss('udp UNCONN 0 0 [fe80::1]%enp0s2:546 [::]:*'), { address: 'fe80::1', port: 546 });
  t.same(parseSs('Netid State Recv-Q'), []);
  const tcp = [
    '  sl  local_address rem_address   st',
    '   0: 00000000:0016 00000000:0000 0A 0:0',
    '   1: 0100007F:0019 00000000:0000 0A 0:0',
    '   2: 0F02000A:0016 0202000A:D431 01 0:0',
  ];
  t.match(parseProcNet('tcp', tcp), [
    { address: '0.0.0.0', port: 22 },
    { address: '127.0.0.1', port: 25 },
  ]);
  t.equal(parseProcNet('tcp', tcp).length, 2, 'a connection is no listener');
  const six = (address: string) => parseProcNet('tcp6', [`0: ${address}:0016 0:0 0A`])[0]?.address;
  t.equal(six('0'.repeat(32)), '::');
  t.equal(six('00000000000000000000000001000000'), '::1');
  t.equal(six('0000000000000000FFFF00000100007F'), '127.0.0.1');
  t.match(parseProcNet('udp', ['0: 00000000:0044 00000000:0000 07']), [{ protocol: 'udp', port: 68 }]);
  t.end();
});

t.test('the script runs in any POSIX shell, and its facts are read', async (t) => {
  const asks = {
    units: ["odd'unit.service"],
    sysctls: ['kernel.ostype', 'net/ipv4/ip_forward'],
    files: ['/etc/passwd', '/none', '/bin'],
  };
  const script = collectScript(asks);
  for (const shell of ['dash', 'bash']) {
    const { stdout } = await run(shell, ['-s'], { input: script });
    const facts = parseFacts(stdout);
    t.equal(facts.sysctls.get('kernel.ostype'), 'Linux', shell);
    t.match(facts.sysctls.get('net/ipv4/ip_forward'), /^[01]$/);
    t.match(facts.files.get('/etc/passwd'), {
      mode: '0644',
      owner: 'root',
      group: 'root',
      type: 'file',
      content: /^root:/m,
    });
    t.equal(facts.files.has('/none'), false);
    t.equal(facts.files.get('/bin')?.type, 'folder');
    t.ok(facts.mounts.some(({ path, size }) => path === '/' && size !== undefined && size > 0));
    t.match(facts.bootId, /^[0-9a-f-]{36}$/);
    t.throws(() => parseFacts(stdout.replace(/@end$/, '')), { code: 'tests.facts' });
  }
});

t.test('facts that this host does not have', (t) => {
  const facts = parseFacts(`@state
|degraded
@failed
|a.service loaded failed failed A unit
@log a.service
|first
|last
@boot
|UserspaceTimestampMonotonic=5000000
|FinishTimestampMonotonic=41500000
@journal
|{"PRIORITY":"3","MESSAGE":"broken","SYSLOG_IDENTIFIER":"kernel"}
|{"PRIORITY":"4","MESSAGE":[104,105]}
|not json
@unit a.service
|LoadState=loaded
|ActiveState=failed
|SubState=failed
|Type=simple
|Result=exit-code
|ExecMainExitTimestampMonotonic=7
@disk
|8388608
@file /x
|4755|root|adm|regular file
@content /x
|aGVsbG8K
@end
`);
  t.match(facts, {
    state: 'degraded',
    failed: [{ unit: 'a.service', lines: ['first', 'last'] }],
    bootTime: 41_500,
    journal: [
      { priority: 3, who: 'kernel', text: 'broken' },
      { priority: 4, text: 'hi' },
    ],
    diskSize: 4 * 2 ** 30,
  });
  t.match(facts.units.get('a.service'), { active: 'failed', result: 'exit-code', hasEnded: true });
  t.match(facts.files.get('/x'), { mode: '4755', group: 'adm', content: 'hello\n' });
  t.equal(parseFacts('@boot\n|FinishTimestampMonotonic=0\n@end\n').bootTime, undefined);
  t.end();
});

const TAPS: readonly (readonly [text: string, points: readonly string[], faults: number])[] = [
  ['1..2\nok 1 - a\nnot ok 2 - b\n', ['ok a', 'not b'], 0],
  ['TAP version 14\nok\nok\n1..2\n', ['ok ', 'ok '], 0],
  ['1..1\nok 1 - a # SKIP no network\n', ['skip a'], 0],
  ['1..1\nnot ok 1 - a # TODO later\n', ['todo a'], 0],
  ['1..1\nok 1 - a \\# SKIP me\n', ['ok a # SKIP me'], 0],
  ['1..1\n# Subtest: in\n    ok 1 - deep\n    1..1\nok 1 - in\n', ['ok in'], 0],
  ['1..1\nnot ok 1 - a\n  ---\n  message: ok 2\n  ...\n', ['not a'], 0],
  ['1..2\nok 1\n', ['ok '], 1],
  ['ok 1\n', ['ok '], 1],
  ['', [], 1],
  ['1..2\nok 1\nok 1\n', ['ok ', 'ok '], 1],
  ['1..3\nok 1\nBail out! no disk\nok 2\n', ['ok '], 1],
  ['1..1\nokay then\nok 1 - a\n', ['ok a'], 0],
];

t.test('TAP is read', (t) => {
  for (const [text, points, faults] of TAPS) {
    const found = readTap(text);
    t.same(
      found.points.map(({ isOk, directive, name }) => `${directive ?? (isOk ? 'ok' : 'not')} ${name}`),
      points,
      JSON.stringify(text),
    );
    t.equal(found.faults.length, faults, JSON.stringify([text, found.faults]));
  }
  const outcomes = (stdout: string, exitCode = 0) =>
    suiteOutcomes('s.sh', { stdout, stderr: '', exitCode }).map(({ verdict }) => verdict);
  t.same(outcomes('1..3\nok\nnot ok\nok # skip\n', 1), ['holds', 'fails', 'unjudged']);
  t.same(outcomes('1..1\nok\n', 1), ['holds', 'fails'], 'a status that no test explains');
  t.same(outcomes('1..0 # SKIP nothing here\n'), ['unjudged'], 'nothing is no pass');
  t.same(outcomes(''), ['fails']);
  t.end();
});

t.test('goss files are taken over', (t) => {
  const checks = readGoss(
    `package:
  nginx: {installed: true, versions: ["1.22.1-9"], title: about}
service:
  ssh: {enabled: true, running: true}
port:
  tcp:22: {listening: true, ip: [0.0.0.0]}
  tcp6:80: {listening: false}
file:
  /etc/passwd: {exists: true, mode: "0644", filetype: file, contents: ["/^root/", "!secret"]}
user:
  ada: {exists: true, uid: 1000, groups: [sudo]}
kernel-param:
  net.ipv4.ip_forward: {value: "0"}
mount:
  /: {exists: true, opts: [rw], filesystem: ext4}
command:
  check: {exec: "nginx -t", exit-status: 0, stderr: [ok], timeout: 10000}
http:
  http://127.0.0.1/: {status: 200, body: [hello]}
`,
    'goss.yaml',
  );
  t.match(checks, [
    { package: { name: 'nginx', version: '= 1.22.1-9' } },
    { service: { name: 'ssh', enabled: true, running: true } },
    { port: { listen: 'tcp/22', addresses: ['0.0.0.0'] } },
    { port: { listen: 'tcp/80', listening: false } },
    { file: { path: '/etc/passwd', type: 'file', contains: ['/^root/'], lacks: ['secret'] } },
    { user: { name: 'ada', uid: 1000 } },
    { sysctl: { 'net.ipv4.ip_forward': '0' } },
    { mount: { path: '/', options: ['rw'] } },
    { command: { run: 'nginx -t', exit: 0, stderr: ['ok'], within: 10_000 } },
    { http: { status: 200, body: ['hello'] } },
  ]);
  for (const [text, told] of [
    ['packages: {a: {installed: true}}', /resource `packages`/],
    ['dns: {a: {resolvable: true}}', /resource `dns`/],
    ['package: {a: {install: true}}', /attribute `install`/],
    ['command: {a: {exit-status: 0, stdout: []}}', /`stdout` is empty/],
    ['file: {/a: {exists: true, contents: []}}', /`contents` is empty/],
    ['file: {/a: {exists: true, size: {gt: 1}}}', /attribute `size`/],
    ['port: {"tcp:22": {listening: {equal: true}}}', /matcher/],
    // Of another type, each of these would assert nothing.
    [
      'package: {a: {installed: true, versions: "99.99"}}',
      /package\.a.*`versions` is "99\.99", expected a list of texts/,
    ],
    ['package: {a: {versions: [1.10]}}', /`versions` is \[1\.1\], expected a list of texts/],
    ['file: {/a: {exists: true, contents: 5}}', /file\.\/a.*`contents` is 5, expected a list of texts/],
    ['file: {/a: {contents: [a, 5]}}', /`contents` is/],
    ['file: {/a: {contents: [{have-prefix: x}]}}', /a matcher in `contents`/],
    ['file: {/a: {exists: true, filetype: 5}}', /`filetype` is 5, expected a text/],
    ['file: {/a: {mode: 0644}}', /`mode` is 644, expected a text/],
    ['command: {a: {exit-status: 0, timeout: "5000"}}', /command\.a.*`timeout` is "5000", expected milliseconds/],
    ['http: {"http://a/": {status: 200, timeout: -1}}', /`timeout` is -1, expected milliseconds/],
    ['service: {a: {enabled: "true"}}', /`enabled` is "true", expected true or false/],
    ['file: {/a: {exists: true, contents: ["/(?i)x/"]}}', /\(\?i:…\)/],
    ['command: {a: {stdout: ["!no"]}}', /negated/],
    ['service: {a: {}}', /service/],
    ['file: {"{{.Env.X}}": {exists: true}}', /template/],
    ['dns: {a: {resolvable: true}}\nuser: {root: {gid: 0, exists: true}, ada: {exists: true}}', /2 things.*dns.*gid/s],
    ['{}', /no resource/],
    ['- a', /mapping/],
    ['a: [', /goss/],
  ] as const)
    try {
      readGoss(text, 'goss.yaml');
      t.fail(`${text} was taken`);
    } catch (error) {
      t.match(error, { code: 'recipe.goss' });
      t.match(
        `${JSON.stringify(error)}${error}${(error as { detail?: string }).detail} ${(error as { where?: string }).where} ${(error as { detail?: string }).detail}`,
        told,
        text,
      );
    }
  t.end();
});

const REPORT: TestReport = {
  version: 1,
  image: { file: 'web.qcow2', sha256: 'a'.repeat(64) },
  tests: 'b'.repeat(64),
  scope: 'all',
  verdict: 'fails',
  machines: [
    {
      name: 'default',
      firmware: 'bios',
      bus: 'virtio',
      network: 'isolated',
      accelerator: 'tcg',
      bootTime: 41_500,
      duration: 60_000,
    },
  ],
  results: [
    { name: 'image: file /x#y', on: 'image', rule: 'tests/file', verdict: 'holds', message: '/x#y' },
    {
      name: 'default: port tcp/22',
      on: 'default',
      rule: 'tests/port',
      verdict: 'fails',
      message: 'nothing listens on <tcp/22> & "more"\u0007',
      wanted: 'open',
      found: 'closed\nreally',
      where: 'tcp/22',
      hint: 'Start it.',
      duration: 1500,
    },
    { name: 'default: http', on: 'default', rule: 'tests/http', verdict: 'unjudged', message: 'nothing could ask' },
  ],
};

t.test('results as TAP, which a reader of TAP takes', (t) => {
  const text = tapText(REPORT);
  const { points, faults } = readTap(text);
  t.same(faults, []);
  t.match(points, [
    { isOk: true, name: 'image: file /x#y' },
    { isOk: false, name: 'default: port tcp/22' },
    { isOk: false, name: 'default: http', directive: undefined },
  ]);
  t.match(parse(points[1]?.detail ?? ''), {
    message: 'nothing listens on <tcp/22> & "more"\u0007',
    severity: 'fail',
    wanted: 'open',
    found: 'closed\nreally',
    duration_ms: 1500,
  });
  t.match(
    parse(points[2]?.detail ?? ''),
    { message: 'nothing could ask', severity: 'unjudged' },
    'a skipped one would pass',
  );
  t.match(text, /^TAP version 14\n1\.\.3\n/);
  t.end();
});

t.test('results as JUnit, which a parser of XML takes', async (t) => {
  const { SaxesParser } = await import('saxes');
  const opened: string[] = [];
  const attributes: Record<string, string>[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => t.fail(error.message));
  parser.on('opentag', (tag) => {
    opened.push(tag.name);
    attributes.push(tag.attributes);
  });
  parser.write(junitText(REPORT)).close();
  t.same(opened, ['testsuites', 'testsuite', 'testcase', 'testsuite', 'testcase', 'failure', 'testcase', 'error']);
  t.match(attributes[0], { tests: '3', failures: '1', errors: '1', skipped: '0' });
  t.match(attributes[5]?.['message'], /^nothing listens on <tcp\/22> & "more"/);
  t.equal(attributes[3]?.['time'], '60.000');
});

t.test('results in every form that can be asked for', (t) => {
  for (const format of REPORT_FORMATS) t.ok(formatted(REPORT, format).endsWith('\n'), format);
  t.match(JSON.parse(formatted(REPORT, 'sarif')), {
    runs: [
      {
        invocations: [{ executionSuccessful: true }],
        results: [
          { ruleId: 'tests/port', level: 'error', kind: 'fail' },
          { ruleId: 'tests/http', level: 'none', kind: 'open' },
        ],
      },
    ],
  });
  t.match(JSON.parse(formatted(REPORT, 'in-toto')), {
    predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
    predicate: { result: 'FAILED', warnedTests: ['default: http'] },
  });
  t.end();
});

t.test('results for people, for an attestation, in the common form', (t) => {
  t.match(reportText(REPORT), /booted in 41\.5 s.*✖ default: port tcp\/22.*1 holds, 1 fails, 1 was not judged\n$/s);
  t.match(reportText({ ...REPORT, results: [] }), /nothing was judged/, 'which is no pass');
  t.equal(countsOf([]), '0 hold');
  t.same(testResultPredicate(REPORT), {
    result: 'FAILED',
    configuration: [{ name: 'tests', digest: { sha256: 'b'.repeat(64) } }],
    passedTests: ['image: file /x#y'],
    warnedTests: ['default: http'],
    failedTests: ['default: port tcp/22'],
  });
  t.match(judgementOf(REPORT), {
    check: 'tests',
    verdict: 'fails',
    found: [{ rule: 'tests/port' }, { rule: 'tests/http' }],
  });
  t.end();
});

t.test('a server is asked by a request that is quoted', async (t) => {
  const script = askScript("http://127.0.0.1:8080/it's?x=1");
  await run('sh', ['-n'], { input: script });
  t.match(script, /dev\/tcp\/127\.0\.0\.1\/8080/);
  t.notMatch(askScript('https://127.0.0.1/'), /dev\/tcp/);
});
