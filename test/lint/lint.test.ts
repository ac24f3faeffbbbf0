import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { formatGithub } from '../../src/lint/format/github.ts';
import { formatText } from '../../src/lint/format/text.ts';
import { detectKind } from '../../src/lint/kind.ts';
import { lintFile } from '../../src/lint/lint.ts';
import { RULES } from '../../src/lint/rules.ts';
import { sourceFile } from '../../src/lint/source-file.ts';

const root = join(import.meta.dirname, '..', '..');
const MAIN = join(root, 'src', 'cli', 'main.ts');
const PRESEED = '# a comment\nd-i netcfg/get_hostnam string web\nd-i clock-setup/utc boolean true\n';
const KICKSTART = 'text\nlang en_US.UTF-8\nbootloadr --location=mbr\n%packages\n@core\n%end\n';

t.test('rules have names of their own, a source, and examples', (t) => {
  const names = RULES.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, summary, source, bad, good } of RULES) {
    t.match(name, /^(preseed|kickstart)\/[a-z0-9-]+$/);
    t.ok(summary && source && bad !== good, name);
  }
  t.end();
});

t.test('the kind of a file', (t) => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['x', PRESEED, 'preseed'],
    ['x', KICKSTART, 'kickstart'],
    ['x', '%post\ntouch /a\n%end\n', 'kickstart'],
    ['x', '#d-i passwd/make-user boolean false\n', 'preseed'],
    ['a/preseed.cfg', '# nothing yet\n', 'preseed'],
    ['ks.cfg', '', 'kickstart'],
    ['notes.txt', 'Dear all,\n', undefined],
  ];
  for (const [name, text, kind] of cases) t.equal(detectKind(sourceFile(name, text)), kind, name);
  t.end();
});

t.test('comments and names switch rules off', async (t) => {
  const rulesOf = async (text: string, ignore: readonly string[] = []) =>
    (await lintFile(sourceFile('p.cfg', text), { ignore }))
      .filter(({ severity }) => severity === 'error')
      .map(({ rule }) => rule);
  t.same(await rulesOf(PRESEED), ['preseed/unknown-question']);
  t.same(await rulesOf(PRESEED, ['preseed/unknown-question']), []);
  t.same(await rulesOf(PRESEED, ['unknown-question']), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore unknown-question')), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore')), []);
  t.same(await rulesOf(PRESEED.replace('a comment', 'ingot-lint: ignore crlf')), ['preseed/unknown-question']);
  t.same(
    await rulesOf(`# ingot-lint: ignore unknown-question\n\n\n${PRESEED}`),
    ['preseed/unknown-question'],
    'of its line',
  );
  t.same(await rulesOf(`${PRESEED}# ingot-lint: ignore-file preseed/unknown-question\n`), []);
  await t.rejects(lintFile(sourceFile('x', 'Dear all\n')), { code: 'lint.unknown-kind' });
  await t.rejects(lintFile(sourceFile('x', PRESEED), { release: 'potato' }), { code: 'usage.release' });
});

t.test('formats', (t) => {
  const long = `${'x'.repeat(500)}MISTAKE${'y'.repeat(1000)}`;
  const finding: Finding = {
    rule: 'preseed/crlf',
    severity: 'warning',
    file: 'a,b.cfg',
    line: 1,
    column: 501,
    endColumn: 508,
    message: '100 % wrong',
    hint: 'two\nlines',
  };
  const text = formatText([finding], [sourceFile('a,b.cfg', long)]);
  t.match(text, /^a,b\.cfg:1:501: warning: 100 % wrong {2}\[preseed\/crlf\]\n/);
  t.ok(
    text.split('\n').every((line) => line.length < 200),
    'a long line is cut',
  );
  const [, shown = '', mark = ''] = text.split('\n');
  t.equal(shown.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1), 'MISTAKE');
  t.match(text, /0 errors, 1 warnings, 0 notes\n$/);
  t.equal(
    formatGithub([finding]),
    '::warning file=a%2Cb.cfg,line=1,col=501,endColumn=508,title=preseed/crlf::100 %25 wrong two%0Alines\n',
  );
  t.end();
});

t.test('the command', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const lint = (...args: string[]) =>
    run(process.execPath, [MAIN, 'lint', ...args], { allow: [0, 1, 2], cwd: folder.path });
  await writeFile(at('p.cfg'), PRESEED);
  await writeFile(at('ks.cfg'), KICKSTART);
  await writeFile(at('good.cfg'), 'd-i clock-setup/utc boolean true\n');
  await writeFile(at('warned.cfg'), 'd-i clock-setup/utc boolean true\r\n');
  await writeFile(at('binary'), Buffer.from([1, 2, 0, 3]));

  const found = await lint('p.cfg', 'ks.cfg');
  t.match(found, { exitCode: 1, stdout: /^p\.cfg:2:5: error: .*\n.*\n.*\n +Did you mean netcfg\/get_hostname/m });
  t.match(found.stdout, /^ks\.cfg:3:1: error: .*bootloadr[\s\S]*bootloader/m);
  t.match(await lint('good.cfg'), { exitCode: 0, stdout: /^0 errors, 0 warnings/ });
  t.match(await lint('warned.cfg'), { exitCode: 0, stdout: /1 warnings/ });
  t.match(await lint('warned.cfg', '--fail-on', 'warning'), { exitCode: 1 });
  t.match(await lint('p.cfg', '--ignore', 'preseed/unknown-question'), { exitCode: 0 });
  t.match(await lint('ks.cfg', '--release', 'fedora-41'), { exitCode: 1 });
  t.match(await lint('binary'), { exitCode: 1, stderr: /lint\.binary[\s\S]*binary:1/ });
  t.match(await lint('nothing.cfg'), { exitCode: 1, stderr: /host\.no-such-file/ });
  t.match(await lint('x.ejs'), { exitCode: 2, stderr: /usage\.template/ });
  t.match(await lint(), { exitCode: 2, stderr: /usage\.nothing-to-lint/ });
  t.match(JSON.parse((await lint('p.cfg', '--initrd', '--format', 'json')).stdout), {
    errors: 1,
    findings: [
      { rule: 'preseed/unknown-question', file: 'p.cfg', line: 2, column: 5, replacement: 'netcfg/get_hostname' },
    ],
  });
  const sarif = JSON.parse((await lint('p.cfg', '--initrd', '--format', 'sarif')).stdout);
  t.match(sarif, {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'ingot',
            rules: [{ id: 'preseed/unknown-question', defaultConfiguration: { level: 'error' } }],
          },
        },
        results: [
          {
            ruleId: 'preseed/unknown-question',
            level: 'error',
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'p.cfg' }, region: { startLine: 2, startColumn: 5 } } },
            ],
          },
        ],
      },
    ],
  });
  t.match((await lint('p.cfg', '--initrd', '--format', 'github')).stdout, /^::error file=p\.cfg,line=2,col=5/);
});

t.test('a recipe is linted as it renders, and nothing starts with a mistake', async (t) => {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const ingot = (...args: string[]) => run(process.execPath, [MAIN, ...args], { allow: [0, 1, 2], cwd: folder.path });
  await mkdir(at('store'));
  await writeFile(
    at('key.pub'),
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone\n',
  );
  const parts = ['accounts', 'locale', 'network', 'clock', 'partitioning', 'base', 'packages', 'bootloader', 'finish'];
  const includes = parts.map((name) => `<%- include('${name}') -%>\n`).join('');
  await writeFile(at('own.cfg.ejs'), `${includes}d-i netcfg/dhcp_timeot string 60\n`);
  const example = (await readFile(join(root, 'examples', 'debian-12-minimal.yaml'), 'utf8'))
    .replace(
      /^origin:/m,
      'origin:\n  mirror: http://mirror.example/debian\n  securityMirror: http://mirror.example/security',
    )
    .replace('answers:\n', 'answers:\n  template: {file: own.cfg.ejs}\n');
  await writeFile(at('r.yaml'), example);
  const key = ['--var', 'key=key.pub'];
  t.match(await ingot('lint', 'r.yaml', ...key), {
    exitCode: 1,
    stdout:
      /r\.yaml > debian-12-minimal > build > preseed\.cfg:\d+:5: error[\s\S]*> delivery > preseed\.cfg:\d+:5: error/,
  });
  for (const verb of ['build', 'validate'])
    t.match(await ingot(verb, 'r.yaml', ...key, ...(verb === 'build' ? ['--store', 'store'] : [])), {
      exitCode: 2,
      stderr: /\[recipe\.answers\][\s\S]*dhcp_timeot/,
    });
  await writeFile(
    at('r.yaml'),
    example.replace('answers:\n', 'answers:\n  lint: {ignore: [preseed/unknown-question]}\n'),
  );
  t.match(await ingot('validate', 'r.yaml', ...key), { exitCode: 0 });
});
