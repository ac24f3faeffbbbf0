import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { withoutCredentials } from '../../src/cli/run/clean.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import type { BuildEvent, StampedEvent } from '../../src/pipeline/events.ts';
import { outcomeOf, storyOf } from '../../src/ui/story/story.ts';
import { storyPage } from '../../src/ui/story/story-page.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const HASH = '$6$saltsalt$abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ./abcdefghijklmnopqrstuv';

const stamped = (events: readonly (readonly [number, BuildEvent])[]): StampedEvent[] =>
  events.map(([seconds, event]) => ({ ...event, at: new Date(Date.UTC(2026, 0, 1) + 1000 * seconds).toISOString() }));

const START: BuildEvent = {
  type: 'build.start',
  recipe: 'web',
  version: '1',
  stages: ['resolve', 'install', 'configure', 'capture'],
  runFolder: '/runs/x',
};
const FAILURE = { code: 'guest.script-failed', message: 'it <failed>', hint: 'look', where: 'configure[1]' };

const FAILED = stamped([
  [0, START],
  [0, { type: 'stage.cached', stage: 'resolve', key: 'k', age: 3_600_000 }],
  [1, { type: 'stage.start', stage: 'install' }],
  [1, { type: 'stage.phase', stage: 'install', phase: 'boot' }],
  [21, { type: 'stage.phase', stage: 'install', phase: 'base system' }],
  [30, { type: 'stage.line', stage: 'install', line: 'Unpacking <b>bash</b>' }],
  [31, { type: 'stage.progress', stage: 'install', done: 1, total: 2, unit: 'items' }],
  [40, { type: 'stage.note', stage: 'install', text: 'a note' }],
  [61, { type: 'stage.done', stage: 'install', key: 'k', duration: 60_000 }],
  [61, { type: 'stage.start', stage: 'configure' }],
  [62, { type: 'stage.phase', stage: 'configure', phase: 'first boot' }],
  [72, { type: 'stage.failed', stage: 'configure', phase: 'first boot', error: FAILURE }],
  [73, { type: 'build.failed', duration: 73_000, error: FAILURE, evidence: '/runs/x' }],
]);

t.test('a log of any size is read', async (t) => {
  await using folder = await temporaryFolder();
  const name = '20260101T000000-web-99999999';
  const log = join(folder.path, 'runs', name, 'events.ndjson');
  await mkdir(join(folder.path, 'runs', name), { recursive: true });
  const text = (events: readonly StampedEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await writeFile(log, text(FAILED.slice(0, 6)));
  // More than fits into one string, without a line break.
  await truncate(log, 600 * 2 ** 20);
  await appendFile(log, `\n${text(FAILED.slice(6))}`);
  const shown = await run(process.execPath, [MAIN, 'show', '--store', folder.path]);
  t.match(shown.stdout, /^web 1: failed after 73 s$/m);
  t.match(shown.stdout, /FAILED after 11 s/);
});

t.test('a story is made from events', (t) => {
  const story = storyOf(FAILED);
  t.match(story, {
    recipe: 'web',
    duration: 73_000,
    waiting: ['capture'],
    stages: [
      { name: 'resolve', state: 'cached', age: 3_600_000 },
      {
        name: 'install',
        state: 'done',
        duration: 60_000,
        phases: [
          { name: 'boot', start: 1000, duration: 20_000 },
          { name: 'base system', start: 21_000, duration: 40_000 },
        ],
        notes: [{ at: 40_000, text: 'a note' }],
      },
      { name: 'configure', state: 'failed', phases: [{ name: 'first boot', duration: 10_000 }] },
    ],
    lines: [{ at: 30_000, stage: 'install', phase: 'base system', text: 'Unpacking <b>bash</b>' }],
    end: { error: FAILURE },
  });
  t.equal(story && outcomeOf(story), 'failed');
  const interrupted = { code: 'interrupted', message: 'interrupted' };
  const endings: readonly (readonly [readonly (readonly [number, BuildEvent])[], string, string])[] = [
    [[], 'killed', 'cut'],
    [
      [
        [5, { type: 'stage.failed', stage: 'install', error: interrupted }],
        [5, { type: 'build.failed', duration: 5, error: interrupted, evidence: '' }],
      ],
      'interrupted',
      'cut',
    ],
    [
      [
        [5, { type: 'stage.done', stage: 'install', key: 'k', duration: 1 }],
        [5, { type: 'build.done', duration: 5 }],
      ],
      'stopped early',
      'done',
    ],
  ];
  for (const [events, outcome, state] of endings) {
    const ended = storyOf(stamped([[0, START], [1, { type: 'stage.start', stage: 'install' }], ...events]));
    t.equal(ended && outcomeOf(ended), outcome);
    t.equal(ended?.stages[0]?.state, state, outcome);
  }
  t.equal(storyOf([]), undefined);
  t.end();
});

t.test('the page needs nothing else, and shows what a guest wrote as text', (t) => {
  const story = storyOf(FAILED);
  if (!story) throw new Error('no story');
  const page = storyPage(story, {
    files: [{ path: 'configure/console.png', what: 'picture' }],
    pictures: [{ path: 'configure/console.png', png: Buffer.from('png') }],
    logs: [{ path: 'install/installer.log', text: '</pre><script>alert(1)</script>' }],
    tests: [
      { name: 'default: boot', verdict: 'holds', message: 'done' },
      { name: 'default: <units>', verdict: 'fails', message: '<script>alert(2)</script>', found: 'a: b\nc' },
    ],
    network: [
      {
        machine: 'quiet',
        duration: 60_000,
        flows: [
          {
            ...{
              at: 15_000,
              until: 30_000,
              protocol: 'dns',
              to: '<b>evil',
              bytes: 40,
              during: 'boot',
              by: 'apt-periodic',
            },
          },
        ],
      },
      { machine: 'silent', duration: 60_000, flows: [] },
    ],
    inside: {
      system: { name: 'Debian' },
      packages: [{ name: 'jq' }],
      files: { count: 3, size: 2048 },
      size: [{ reason: 'package <script>alert(3)</script>', files: 1, size: 2048 }],
      accounts: { logins: [{ name: 'eva', password: 'none', keys: [{}] }] },
      units: { enabled: [{ unit: 'ssh.service' }], timers: [] },
      privileged: Array.from({ length: 61 }, (_, nth) => ({ path: `/bin/p${nth}` })),
    },
  });
  t.match(page, /eva \(password none, 1 key\)[\s\S]*ssh\.service[\s\S]*\/bin\/p59, and 1 more/);
  t.match(page, /FAILS.*a: b\nc.*default: boot/s, 'what fails comes first');
  t.notMatch(page, /<script>alert|<b>bash|it <failed>/);
  t.notMatch(page, /(?:src|href)="(?!data:)/, 'nothing from elsewhere');
  t.match(page, /it &lt;failed&gt;/);
  t.match(page, /data:image\/png;base64,cG5n/);
  t.match(
    page,
    /dns to &lt;b&gt;evil.*40 bytes, apt-periodic.*margin-left:25\.00%;width:25\.00%/,
    'where it is in time',
  );
  t.match(page, 'silent: nothing left it.');
  for (const id of [
    'diagnosis',
    'tests',
    'network',
    'inside',
    'timeline',
    'screens',
    'notes',
    'log',
    'logs',
    'evidence',
  ])
    t.match(page, `<section id="${id}">`);
  t.end();
});

t.test('credentials', (t) => {
  t.equal(withoutCredentials(`x:${HASH}:1`), 'x:(password hash):1');
  t.equal(withoutCredentials('u:$y$j9T$abcdefgh$0123456789abcdef:1'), 'u:(password hash):1');
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----';
  t.equal(withoutCredentials(`a\n${key}\nb`), 'a\n(private key)\nb');
  t.equal(withoutCredentials('a\n-----BEGIN RSA PRIVATE KEY-----\nAAAA'), 'a\n(private key)', 'cut off');
  for (const text of ['costs $5', '$6', '-----BEGIN CERTIFICATE-----', 'echo $y $x'])
    t.equal(withoutCredentials(text), text);
  t.end();
});

t.test('show and evidence, on a store', async (t) => {
  await using folder = await temporaryFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const name = '20260101T000000-web-99999999';
  await mkdir(at('runs', name, 'configure', 'unfinished'), { recursive: true });
  await mkdir(at('runs', '20250101T000000-other-thing-7'), { recursive: true });
  const events = `${FAILED.map((event) => JSON.stringify(event)).join('\n')}\n{"type":"cut o`;
  await writeFile(at('runs', name, 'events.ndjson'), events);
  await writeFile(at('runs', name, 'recipe.yaml'), `password: {hash: "${HASH}"}\n`);
  await writeFile(at('runs', name, 'configure', 'serial.log'), `login\x1b[31m: ${HASH}\n`);
  await writeFile(at('runs', name, 'configure', 'unfinished', 'disk.qcow2'), HASH);
  const cli = (...args: string[]) =>
    run(process.execPath, [MAIN, ...args, '--store', folder.path], { allow: [0, 1, 2], cwd: folder.path });
  for (const wanted of [[], ['web'], [name], ['20260101'], [at('runs', name)]]) {
    const { stdout, exitCode } = await cli('show', ...wanted);
    t.equal(exitCode, 0);
    t.match(
      stdout,
      /^web 1: failed after 73 s\n[\s\S]*configure +FAILED[\s\S]*\[guest\.script-failed\][\s\S]*serial\.log/,
    );
  }
  t.match(
    (await cli('show', '--list')).stdout,
    new RegExp(`^${name} +failed after 73 s\n.*other-thing.*tells nothing$`),
  );
  t.match(await cli('show', 'nobody'), { exitCode: 2, stderr: /usage\.no-such-run/ });
  t.match(await cli('show', 'other-thing'), { exitCode: 2, stderr: /usage\.not-a-run/ });
  await cli('show', '--html', '-o', 'run.html');
  t.match(await readFile(at('run.html'), 'utf8'), /<!doctype html>[\s\S]*login: /);

  const packed = await cli('evidence', '-o', 'run.tar.gz');
  t.match(packed.stdout, /run\.tar\.gz +[\d.]+ kB, 3 files of .*\ntaken out of: configure\/serial\.log, recipe\.yaml$/);
  await run('tar', ['-xzf', 'run.tar.gz'], { cwd: folder.path });
  const { stdout: found } = await run('grep', ['-rl', HASH, at(name)], { allow: [0, 1] });
  t.equal(found, '', 'the hash is nowhere');
  t.match((await run('find', [at(name), '-type', 'f'])).stdout.split('\n').length, 5);
  // Killed before anything was taken out, with more of a log than is looked at together.
  const secret = 'correct horse/battery';
  await writeFile(at('token.txt'), `${secret}\n`);
  const references = [{ env: 'STORY_TOKEN' }, { file: at('token.txt') }, { env: 'NOT_SET' }];
  await writeFile(at('runs', name, '.secrets.json'), JSON.stringify(references));
  await mkdir(at('runs', name, 'install'));
  for (const stage of ['configure', 'install']) await writeFile(at('runs', name, stage, 'screen.png'), 'a picture');
  const noise = `${'n'.repeat(99)}\n`.repeat(700_000);
  const told = `\nit is hunter22\n${Buffer.from(`u:${secret}`).toString('base64')}\n${encodeURIComponent(secret)}\n${HASH}\n`;
  await writeFile(at('runs', name, 'configure', 'serial.log'), noise + told);
  await appendFile(
    at('runs', name, 'events.ndjson'),
    `\n${JSON.stringify({ type: 'stage.line', at: '2026-01-01T00:01:00Z', stage: 'x', line: secret })}\n`,
  );
  const again = await run(process.execPath, [MAIN, 'evidence', '-o', 'again.tar.gz', '--store', folder.path], {
    cwd: folder.path,
    env: { STORY_TOKEN: 'hunter22' },
  });
  t.match(again.stdout, /left out, since a secret was shown there: configure\/screen\.png$/m);
  t.match(again.stdout, /cannot be read: env NOT_SET$/m);
  await rm(at(name), { recursive: true });
  await run('tar', ['-xzf', 'again.tar.gz'], { cwd: folder.path });
  for (const trace of ['hunter22', 'correct horse', 'VjcnJlY3Qg', 'correct%20horse', HASH])
    t.equal((await run('grep', ['-rlF', '--', trace, at(name)], { allow: [0, 1] })).stdout, '', trace);
  t.same((await readdir(at(name, 'install'))).sort(), ['screen.png']);
  t.equal((await stat(at(name, 'configure', 'serial.log'))).size > noise.length, true);
  t.equal((await stat(at('again.tar.gz'))).mode & 0o077, 0);
  const shown = await run(process.execPath, [MAIN, 'show', '--html', '--store', folder.path], {
    env: { STORY_TOKEN: 'hunter22' },
  });
  t.notMatch(shown.stdout, /hunter22|correct horse/);
  await cli('evidence', '--disk', '-o', 'disk.tar.gz');
  t.match((await run('tar', ['-tzf', at('disk.tar.gz')])).stdout, /unfinished\/disk\.qcow2/);
  t.match(await cli('evidence'), { exitCode: 2 });
  const named = at('runs', name, '.secrets.json');
  await rm(named);
  await symlink('.secrets.json', named);
  const blind = await cli('evidence', '-o', 'blind.tar.gz');
  t.match(blind, { exitCode: 1, stderr: /host\.link-loop/ }, 'nothing is packed while the secrets are not known');
  t.notOk((await readdir(folder.path)).includes('blind.tar.gz'));
});
