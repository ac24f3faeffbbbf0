/** A profile of SCAP content by the real scanner: sent as to a guest, and run on this host in a mount namespace of its own. */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { compileTests } from '../../src/checks/compiled.ts';
import { readScan, scanOutcomes } from '../../src/checks/kinds/openscap.ts';
import { ruleTexts } from '../../src/checks/openscap/content.ts';
import type { Guest, NamedOutcome } from '../../src/checks/planned.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { testsSchema } from '../../src/recipe/schema/tests-schema.ts';

const FOLDER = join(import.meta.dirname, 'openscap');
const compiled = (body: Readonly<Record<string, unknown>>) =>
  compileTests(testsSchema.parse({ checks: [{ openscap: { datastream: 'small-ds.xml', ...body } }] }), FOLDER);

const why = await run('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).then(
  () => false as const,
  () => 'no namespace of mounts can be made here',
);

/** This host in the place of a guest. */
const here = (kept: Map<string, Uint8Array>): Guest => ({
  async run(command, { stdin = '' }) {
    const input = stdin instanceof Readable ? await buffer(stdin) : stdin;
    return await run('unshare', ['--mount', 'sh', '-c', command], { input, allow: [0, 1, 2, 9] });
  },
  async keep(name, content) {
    kept.set(name, content);
  },
});

const scanned = async (body: Readonly<Record<string, unknown>>, kept = new Map<string, Uint8Array>()) => {
  const [only] = (await compiled(body)).planned;
  const outcome = await only?.run?.(here(kept));
  return (outcome ?? []) as readonly NamedOutcome[];
};
const told = (all: readonly NamedOutcome[]) =>
  all.map(({ verdict, name, message }) => `${verdict} ${name}: ${message}`);

t.test('one profile of two data streams has results of both names', async (t) => {
  const folder = t.testdir();
  for (const name of ['one-ds.xml', 'two-ds.xml']) await copyFile(join(FOLDER, 'small-ds.xml'), join(folder, name));
  const checks = ['one-ds.xml', 'two-ds.xml'].map((datastream) => ({ openscap: { datastream, profile: 'usual' } }));
  const { planned } = await compileTests(testsSchema.parse({ checks }), folder);
  t.same(
    planned.map(({ name }) => name),
    ['openscap usual of one-ds', 'openscap usual of two-ds'],
  );
});

const MARKER = '/run/ingot-marker';

t.test('rules that hold, and one that does not', { skip: why }, async (t) => {
  await rm(MARKER, { force: true });
  const kept = new Map<string, Uint8Array>();
  const good = await scanned({ profile: 'usual' }, kept);
  t.strictSame(told(good.slice(0, 2)), [
    'holds root_is_there: The account & home of root are there (high)',
    'holds marker_is_gone: There is no /run/ingot-marker (low)',
  ]);
  t.match(told(good.slice(2)), [/^holds as a whole: 2 of 2 rules hold, 1 not judged by the content, oscap \d/]);
  const results = Buffer.from(kept.get('openscap-usual-small-ds.xml') ?? []).toString();
  t.match(results, /asset-report-collection/, 'ARF for whoever asks');

  await writeFile(MARKER, '');
  t.teardown(() => rm(MARKER, { force: true }));
  const bad = await scanned({ profile: 'xccdf_org.example.content_profile_usual' });
  t.strictSame(
    bad.map(({ verdict, name }) => `${verdict} ${name}`),
    ['holds root_is_there', 'fails marker_is_gone', 'fails as a whole'],
  );
  t.match(told(await scanned({ profile: 'usual', mayFail: ['marker_is_gone'] })), [
    /^holds root/,
    /^holds marker_is_gone: .*does not hold, and need not \(mayFail\)/,
    /^holds as a whole: 1 of 2 rules hold/,
  ]);
  t.match(told(await scanned({ profile: 'usual', maxFail: 1 })), [
    /^holds/,
    /^holds marker_is_gone: .*one of the 1/,
    /^holds/,
  ]);
});

t.test('a profile that judges nothing is no pass', { skip: why }, async (t) => {
  const [only, ...rest] = await scanned({ profile: 'nothing' });
  t.match(only, {
    verdict: 'unjudged',
    name: 'as a whole',
    message: /no rule was judged: 0 of 0 rules hold, 1 not judged/,
  });
  t.strictSame(rest, []);
});

t.test('content that cannot be judged with', async (t) => {
  await t.rejects(compiled({ profile: 'cis_level1_server' }), {
    code: 'recipe.openscap',
    message: 'there is no profile cis_level1_server',
    hint: 'Its profiles: usual, nothing.',
  });
  await t.rejects(compiled({ profile: 'usual', datastream: 'missing.xml' }), { code: 'recipe.unreadable' });
  await using work = await temporaryFolder();
  await writeFile(join(work.path, 'small-ds.xml'), '<Benchmark/>');
  const tests = testsSchema.parse({ checks: [{ openscap: { datastream: 'small-ds.xml', profile: 'usual' } }] });
  await t.rejects(compileTests(tests, work.path), { code: 'recipe.openscap', message: /no profiles/ });

  const broken = (await readFile(join(FOLDER, 'small-ds.xml'), 'utf8')).replace('</ds:component>', '');
  await mkdir(join(work.path, 'broken'));
  await writeFile(join(work.path, 'broken', 'small-ds.xml'), broken);
  const [planned] = (await compileTests(tests, join(work.path, 'broken'))).planned;
  if (why === false) {
    const outcome = (await planned?.run?.(here(new Map()))) as readonly NamedOutcome[];
    t.match(outcome, [{ verdict: 'unjudged', message: /the scanner came to no result: ./ }]);
  }
});

t.test('what a guest may answer', async (t) => {
  const answer = (stdout: string, stderr = '') => readScan({ stdout, stderr, exitCode: 0 });
  t.match(answer('', 'mount: /run/ingot-openscap: permission denied'), {
    status: undefined,
    said: /permission denied/,
  });
  const lines = ['a:pass', 'b:error', 'c:unknown', 'd:notapplicable', 'e:fixed', 'f:fail', 'garbage'];
  const scan = answer(
    `@status 2\n@progress\n${lines.join('\n')}\n@said\n@version\nOpenSCAP command line tool (oscap) 1.3.7\n@results\nno base64 of gzip\n`,
  );
  t.match(scan, { status: 2, version: '1.3.7', results: undefined });
  t.equal(scan.rules.size, 6);
  const all = scanOutcomes({ maxFail: 0, mayFail: ['a'] }, scan, ruleTexts(''));
  t.strictSame(
    all.map(({ verdict, name }) => `${verdict} ${name}`),
    ['holds a', 'holds e', 'fails f', 'unjudged b', 'unjudged c', 'fails as a whole'],
  );
  const killed = scanOutcomes({ maxFail: 9, mayFail: [] }, { ...scan, status: 137 }, ruleTexts(''));
  t.match(killed.at(-1), { verdict: 'unjudged', message: /ended with status 137 before it was through/ });
  const excused = scanOutcomes({ maxFail: 0, mayFail: ['a', 'f'] }, scan, ruleTexts(''));
  t.match(excused.at(-1), { verdict: 'holds', message: /holds by now: a \(mayFail\)/ });
});
