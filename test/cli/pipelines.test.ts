import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import t, { type Test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { PIPELINES, pipelineText } from '../../src/cli/ci/pipelines.ts';
import { judgementText } from '../../src/cli/judgements/formats.ts';
import { isVerb } from '../../src/cli/verb.ts';
import { COMMANDS } from '../../src/cli/verbs.ts';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import type { Judgement } from '../../src/judgement.ts';
import { formatGitlab } from '../../src/lint/format/gitlab.ts';

/** Calls of ingot in a text, without what the shell does with them. */
const callsIn = (text: string): string[][] =>
  [...text.matchAll(/(?:^|[\s'";(-])ingot ([a-z][^;|>&'\n]*)/gm)]
    .map(([, words = '']) => words.trim().split(/\s+/))
    .filter(([verb]) => isVerb(verb));

const faultOf = async ([verb, ...words]: readonly string[]): Promise<string | undefined> => {
  if (!isVerb(verb)) return `${verb} is no verb`;
  let command: CommandUnknownOpts = await COMMANDS[verb]();
  const below = command.commands.find((one) => one.name() === words[0]);
  if (below) command = below;
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  const unknown = words.find((word) => word.startsWith('-') && !known.includes(word));
  return unknown && `${verb} has no option ${unknown}`;
};

/** What the loop over the images of a pipeline calls, for two finished folders. */
const judgedBy = async (t: Test, text: string): Promise<string> => {
  const loop =
    /^( *)for folder in (?:out|"\$OUT")\/\*\/; do\n(?:\1 .*\n)*?\1 +images=[\s\S]*?\n\1done$/m.exec(text)?.[0] ??
    'exit 9';
  const manifest = (file: string) => JSON.stringify({ images: [{ file }] });
  const cwd = t.testdir({
    out: { db: { 'manifest.json': manifest('db.raw') }, web: { 'manifest.json': manifest('web.qcow2') } },
  });
  const script = `cd '${cwd}'; OUT=out POLICY=x; ingot() { echo "$@" >> calls; }; ${loop}`;
  await run('bash', ['-e', '-c', script], { env: { PATH: process.env['PATH'] ?? '' } });
  return readFile(join(cwd, 'calls'), 'utf8');
};

t.test('each pipeline calls what there is', async (t) => {
  const texts: { readonly name: string; readonly text: string }[] = await Promise.all(
    (['gitlab', 'github', 'jenkins'] as const).map(async (system) => ({
      name: system,
      text: await pipelineText(system, 'images/web.yaml'),
    })),
  );
  for (const name of ['action.yml', 'templates/image.yml'])
    texts.push({ name, text: await readFile(join(projectFolder, name), 'utf8') });
  for (const { name, text } of texts) {
    const calls = callsIn(text);
    t.match(text, /\$\{PUBLIC_KEY:\+--key "\$PUBLIC_KEY"\}/, `${name} asks for a signature where there is a key`);
    t.match(text, /\$\{SIGN:\+--sign "\$SIGN"\}/);
    t.ok(calls.length >= 5, `${name}: ${calls.length} calls`);
    const order = calls.map(([verb, word]) => (verb === 'store' ? `store ${word}` : verb));
    t.ok(
      order.includes('store prune') && order.lastIndexOf('verify') < order.indexOf('store prune'),
      `${name}: the store is pruned, once the packages in it have been read`,
    );
    for (const call of calls) t.equal(await faultOf(call), undefined, `${name}: ingot ${call.join(' ')}`);
    if (name !== 'jenkins') for (const one of parseAllDocuments(text)) t.same(one.errors, [], `${name} is YAML`);
    if (name in PIPELINES) {
      t.notMatch(text, /@[A-Z]+@/, 'nothing is left to be put in');
      t.match(text, 'images/web.yaml');
    }
    const packages = /--no-install-recommends (.*)$|^\/\/ (qemu.*)$/m.exec(text)?.slice(1).join('') ?? '';
    if (name !== 'action.yml')
      t.match(packages, /\bqemu-system-x86\b.*\bxorriso\b.*\bgpgv\b/, `${name} installs what a build needs`);
  }
  for (const { name, text } of texts) {
    t.notMatch(text, /ingot@/, `${name}: no package is taken from a registry unless somebody says so`);
    t.match(text, /test -n "\$INGOT_PACKAGE" \|\| \{ echo "INGOT_PACKAGE is empty/, name);
    t.notMatch(text, /\*\.qcow2/, `${name} judges what the manifest names`);
    t.match(text, /tests\.(xml|tap)/, `${name} hands over what the tests say`);
    t.match(await judgedBy(t, text), /^check out\/db\/+db\.raw .*\ncheck out\/web\/+web\.qcow2 /m, name);
  }
  t.match(texts.find(({ name }) => name === 'jenkins')?.text, /rm -rf out /);
  const { jobs } = parseAllDocuments(await pipelineText('github', 'web.yaml'))[0]?.toJS() ?? {};
  t.same(jobs.publish.permissions, { contents: 'write' }, 'who publishes may write, and the build may not');
  t.equal(jobs.image.permissions, undefined);
  t.match(jobs.image.concurrency.group, /web\.yaml \$\{\{ github\.ref \}\}/, 'a tag has a group of its own');
  t.equal(jobs.publish.steps.at(-1).shell, 'bash', 'with pipefail');
  const initiated = (await COMMANDS.ci())
    .exitOverride()
    .parseAsync(['init', 'gitlab', 'nothere.yaml'], { from: 'user' });
  await t.rejects(initiated, { code: 'usage.recipe-missing', where: 'nothere.yaml', hint: /./ });
  t.equal(await faultOf(['build', '--no-such']), 'build has no option --no-such');
  for (const recipe of ['/etc/web.yaml', '../web.yaml', 'a/../../web.yaml', 'my web.yaml', '$(x).yaml'])
    await t.rejects(pipelineText('gitlab', recipe), { code: 'usage.recipe-path' }, recipe);
});

const CHECKS: readonly Judgement[] = [
  { check: 'sums', verdict: 'holds', facts: ['3 files'], found: [] },
  {
    check: 'policy ours',
    verdict: 'fails',
    facts: ['judged: files'],
    found: [
      {
        rule: 'policy/files.forbid',
        verdict: 'fails',
        message: 'a <b> & "c"\u0007 100%',
        where: '/x',
        hint: 'Remove,\nit.',
      },
      { rule: 'policy/age', verdict: 'unjudged', message: 'no manifest' },
      { rule: 'policy/size.logs', verdict: 'holds', message: 'waived' },
    ],
  },
  { check: 'trust', verdict: 'unjudged', facts: [], found: [] },
];

t.test('judgements for pipelines', async (t) => {
  const text = (format: Parameters<typeof judgementText>[2]) =>
    judgementText('web.qcow2', { verdict: 'fails', checks: CHECKS }, format);
  const junit = text('junit');
  t.match(junit, '<testsuite name="policy ours" tests="3" failures="1" errors="1" skipped="0">');
  t.match(
    junit,
    '<failure type="policy/files.forbid" message="a &lt;b&gt; &amp; &quot;c&quot;\ufffd 100%">a &lt;b&gt; &amp; &quot;c&quot;\ufffd 100%&#10;Remove,&#10;it.</failure>',
  );
  t.match(junit, /name="trust">\s*<error/, 'what could not be judged is no pass');
  t.match(JSON.parse(text('sarif')), {
    version: '2.1.0',
    runs: [
      {
        invocations: [{ executionSuccessful: false }],
        results: [
          {
            ruleId: 'policy/files.forbid',
            level: 'error',
            kind: 'fail',
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: 'web.qcow2' } },
                logicalLocations: [{ name: '/x' }],
              },
            ],
          },
          { ruleId: 'policy/age', kind: 'open' },
          { ruleId: 'policy/size.logs', kind: 'informational' },
          { ruleId: 'trust', kind: 'open', message: { text: 'trust: unjudged' } },
        ],
      },
    ],
  });
  const github = text('github');
  t.match(github, '::error title=policy/files.forbid::web.qcow2: a <b> & "c"\u0007 100%25 (/x) Remove,%0Ait.\n');
  t.match(github, '::warning title=policy/age::web.qcow2: no manifest\n');
  t.match(github, '::notice title=sums::web.qcow2: holds; 3 files\n');
  const gitlab = JSON.parse(text('gitlab'));
  t.match(gitlab, [
    { check_name: 'policy/files.forbid', severity: 'major', location: { path: 'web.qcow2', lines: { begin: 1 } } },
    { check_name: 'policy/age', severity: 'minor' },
    { check_name: 'policy/size.logs', severity: 'info' },
    { check_name: 'trust', severity: 'minor', description: 'trust: unjudged' },
  ]);
  t.equal(new Set(gitlab.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size, 4);
  t.match(JSON.parse(text('json')), { subject: 'web.qcow2', verdict: 'fails', checks: [{ check: 'sums' }, {}, {}] });
});

t.test('lint findings for GitLab', async (t) => {
  const finding = {
    rule: 'preseed/x',
    severity: 'warning' as const,
    file: 'a.cfg',
    line: 3,
    column: 1,
    endColumn: 2,
    message: 'odd',
    hint: 'Mend it.',
  };
  const failed = [{ file: 'b.cfg', code: 'host.x', message: 'cannot be read' }];
  t.match(JSON.parse(formatGitlab({ sources: [], checked: [], findings: [finding], failed })), [
    {
      description: 'odd Mend it.',
      check_name: 'preseed/x',
      severity: 'minor',
      location: { path: 'a.cfg', lines: { begin: 3 } },
    },
    { description: /cannot be read/, severity: 'major', location: { path: 'b.cfg', lines: { begin: 1 } } },
  ]);
});
