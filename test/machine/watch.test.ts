import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DEBIAN_INSTALLER_PHASES } from '../../src/distributions/debian/installer-phases.ts';
import { createFeed } from '../../src/machine/feed.ts';
import { startMachine } from '../../src/machine/machine.ts';
import type { Activity } from '../../src/machine/watch/activity.ts';
import { saveInstallerEvidence } from '../../src/machine/watch/installer-evidence.ts';
import { createPhaseClock } from '../../src/machine/watch/phase-clock.ts';
import { parseHookLine } from '../../src/machine/watch/protocol.ts';
import { createStallDetector } from '../../src/machine/watch/stall.ts';
import { createWaitingDetector } from '../../src/machine/watch/waiting.ts';
import { type WatchOptions, watchInstall } from '../../src/machine/watch/watch.ts';
import { silentReporter } from '../../src/report.ts';
import { type Action, guestRun, guestSpec, writeGuest } from './guest.ts';

const options = (more: Partial<WatchOptions> = {}): WatchOptions => ({
  installer: DEBIAN_INSTALLER_PHASES,
  limit: 60_000,
  factor: 1,
  idleLimit: 60_000,
  reporter: silentReporter,
  ...more,
});

t.test('an installation that can not succeed any more is ended by its name', async (t) => {
  const cases: [string, string, Action, Partial<WatchOptions>, Record<string, unknown>][] = [
    [
      'a question',
      '\x1b[2J\x1b[HReserved username\r\n[Press enter to continue] ',
      'nothing',
      {},
      { code: 'install.waiting', detail: /Reserved username/ },
    ],
    [
      'a panic',
      '[  1.2] Kernel panic - not syncing: VFS\r\n',
      'nothing',
      {},
      { code: 'install.kernel-panic', message: 'Kernel panic - not syncing: VFS' },
    ],
    [
      'slowness',
      'working\r\n',
      'nothing',
      { limits: { boot: 500 }, factor: 2 },
      { code: 'install.phase-timeout', message: /“boot” took longer than 1 s/, detail: /working/ },
    ],
    ['a power-off', 'bye\r\n', 'power-off', {}, { code: 'install.no-success', message: /powered off/, detail: /bye/ }],
    ['a restart', 'again\r\n', 'reset', {}, { code: 'install.no-success', message: /restarted/ }],
  ];
  for (const [title, text, action, more, expected] of cases) {
    const folder = t.testdir();
    const disk = await writeGuest(join(folder, 'disk.raw'), text, action);
    await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'run')));
    const error = await watchInstall(machine, options(more)).catch((e: unknown) => e);
    t.match(error, { ...expected, where: 'install/boot' }, title);
  }
});

t.test('a machine that does nothing is told from a silent one that works', async (t) => {
  const folder = t.testdir();
  const idle = await writeGuest(join(folder, 'idle.raw'), 'stopped here\r\n', 'nothing');
  const busy = await writeGuest(join(folder, 'busy.raw'), 'works\r\n', 'echo');
  const run = async (disk: string, name: string) => {
    await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, name)));
    const more = { idleLimit: 8000, limits: { boot: 20_000 } };
    return await watchInstall(machine, options(more)).catch((error: unknown) => error);
  };
  const [stalled, slow] = await Promise.all([run(idle, 'idle'), run(busy, 'busy')]);
  t.match(stalled, { code: 'install.stalled', where: 'install/boot', detail: /stopped here/, hint: /limits\.idle/ });
  t.match(slow, { code: 'install.phase-timeout' }, 'busy processors are left alone');
});

t.test('idle is what holds without a break', async (t) => {
  let now = 0;
  const detector = createStallDetector(() => now);
  const see = (activity: Activity | undefined) => {
    now += 5000;
    return detector.see(activity);
  };
  const still = { processors: 1000, starved: 50, requests: 10, bytes: 4096, output: 3 };
  t.equal(see(still), 0, 'one look says nothing');
  t.equal(see({ ...still, processors: 1900, requests: 100 }), 5000, 'ticks and a journal are nothing');
  t.equal(see({ ...still, processors: 2000, requests: 100 }), 10_000);
  t.equal(see({ ...still, processors: 2000, requests: 100, output: 4 }), 0, 'a word');
  t.equal(see({ ...still, processors: 2100, requests: 100, output: 4 }), 5000);
  t.equal(see({ ...still, processors: 6000, requests: 100, output: 4 }), 0, 'a processor works');
  t.equal(see({ ...still, processors: 6000, requests: 400, output: 4 }), 0, 'a disk works');
  t.equal(see({ ...still, processors: 6000, requests: 410, bytes: 1e7, output: 4 }), 0, 'in large requests');
  t.equal(see(undefined), 0, 'nothing is known');
  t.equal(see({ ...still, processors: 6000, requests: 40, output: 4 }), 0, 'nor what was before');
  const busyHost = { ...still, processors: 6300, requests: 40, output: 4, starved: 4050 };
  t.equal(see(busyHost), 0, 'a host that has no processor for it');
  t.equal(see({ ...busyHost, processors: 6500, starved: 4350 }), 5000, 'a busy host, and nothing to do');
});

t.test('the machine’s own end comes through', async (t) => {
  const folder = t.testdir();
  const disk = await writeGuest(join(folder, 'disk.raw'), 'x', 'nothing');
  await using machine = await startMachine(guestSpec(disk), guestRun(join(folder, 'run')));
  const watched = watchInstall(machine, options());
  process.kill(machine.pid, 'SIGKILL');
  await t.rejects(watched, { code: 'machine.qemu-died' });
});

/** Seconds of the day in a line of syslog. */
const secondsOf = (line: string): number => {
  const [, hours, minutes, seconds] = /^\w{3} [ \d]\d (\d\d):(\d\d):(\d\d) /.exec(line) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
};

t.test('phases of a real installation, from its log', async (t) => {
  const log = await readFile(join(import.meta.dirname, 'fixtures', 'debian-12.log'), 'utf8');
  const lines = log.trimEnd().split('\n');
  let now = secondsOf(lines[0] ?? '') * 1000;
  const clock = createPhaseClock(DEBIAN_INSTALLER_PHASES, () => now, 2 * 205);
  const reached: number[] = [];
  const words: string[] = [];
  for (const line of lines) {
    now = secondsOf(line) * 1000;
    const { progress } = clock.see(line);
    if (progress?.total) reached.push(progress.done / progress.total);
    const message = parseHookLine(line);
    if (message) words.push(message.word);
  }
  t.same(
    clock.times().map(({ name, ms }) => [name, Math.round(ms / 1000)]),
    [
      ['boot', 16],
      ['hardware', 8],
      ['partitioning', 8],
      ['base system', 679],
      ['packages', 11],
      ['boot loader', 82],
      ['finish', 3],
      ['kernel', 170],
    ],
    'by the time stamps in the log; a phase that comes twice is one',
  );
  t.equal(reached.length, 410);
  t.ok(
    reached.every((value, index) => value <= 1 && value > (reached[index - 1] ?? 0)),
    'progress only grows',
  );
  t.equal(reached.at(-1), 1, 'and arrives');
  t.same(words, ['disk', 'phase', 'phase', 'success']);
});

t.test('lines of the hooks', async (t) => {
  const at = 'Nov  3 18:07:12';
  const cases: [string, unknown][] = [
    [`${at} ingot: disk /dev/vda 8589934592`, { word: 'disk', device: '/dev/vda', bytes: 8589934592 }],
    [`${at} ingot: host-key ssh-ed25519 AAAAC3`, undefined],
    [`${at} ingot: failure disk-several two disks`, { word: 'failure', code: 'disk-several', text: 'two disks' }],
    [`${at} ingot: phase boot loader`, { word: 'phase', name: 'boot loader' }],
    [`${at} ingot: failure <b>`, { word: 'failure', code: 'failed', text: '' }],
    [`${at} ingot: success 42`, { word: 'success', nonce: '42' }],
    [`${at} ingot: hello 1`, undefined],
    [`${at} kernel: ingot: success 42`, undefined],
    ['ingot: success 42', undefined],
  ];
  for (const [line, expected] of cases) t.same(parseHookLine(line), expected, line);
});

t.test('what waits and what does not', async (t) => {
  const cases: [string, string[], boolean][] = [
    ['text prompt', ['Go on?', "Prompt: '?' for help, default=1> "], true],
    ['error', ['!! ERROR: x', '[Press enter to continue] '], true],
    ['initramfs shell', ['BusyBox v1.35.0', '(initramfs) '], true],
    ['prompt under GNU screen', ["Prompt: '?' for help, default=2>", ''], true],
    ['boot menu', ['boot: '], true],
    ['dialog', ['┌─┤ Which disk? ├─┐', '│ <Go Back> <Continue> │', '└──┘'], true],
    ['progress', ['│ Installing the base system │', '│ 45% │'], false],
    ['prompt that is passed', ['[Press enter to continue]', 'Detecting hardware ... 2%'], false],
  ];
  for (const [title, lines, waits] of cases) {
    let now = 0;
    const detector = createWaitingDetector(DEBIAN_INSTALLER_PHASES, () => now);
    const screen = { lines, cursor: { row: lines.length - 1, column: 0 } };
    const seen: boolean[] = [];
    for (now = 0; now <= 20_000; now += 1000) seen.push(detector.see(screen) !== undefined);
    t.equal(seen.at(-1), waits, title);
    t.notOk(seen.slice(0, 5).includes(true), `${title}: not at once`);
    now += 1000;
    t.equal(detector.see({ ...screen, lines: [...lines, 'and on'] }), undefined, `${title}: a change starts anew`);
  }
});

t.test('an installer that has stopped is asked for what it knows', async (t) => {
  const folder = t.testdir({});
  const feed = createFeed();
  const sent: string[] = [];
  const never = new Promise<never>(() => {});
  const answers = (text: string) => ({
    folder,
    ended: never,
    log: {
      ...feed,
      send(line: string) {
        sent.push(line);
        feed.push(text);
      },
    },
  });
  const options = { redact: (text: string) => text.replaceAll('s3cret', '***'), factor: 1 };
  await saveInstallerEvidence(answers('ingot-evidence state.txt too early\n'), options);
  t.same(sent, [], 'one that never spoke is not asked');
  feed.push('Nov 25 20:00:00 ingot: hello 1\n');
  await saveInstallerEvidence(
    answers(
      'ingot-evidence debconf.txt Name: a/question\ningot-evidence debconf.txt\ningot-evidence debconf.txt Value: s3cret\n' +
        'Nov 25 20:00:01 main-menu[300]: a line of the log\ningot-evidence ../x.txt no\ningot-evidence end\n',
    ),
    options,
  );
  t.same(sent, ['evidence']);
  t.same(await readdir(join(folder, 'installer')), ['debconf.txt']);
  t.equal(await readFile(join(folder, 'installer/debconf.txt'), 'utf8'), 'Name: a/question\n\nValue: ***\n');
  await saveInstallerEvidence(answers('ingot-evidence state.txt the first line, and no end\n'), {
    ...options,
    factor: 0.05,
  });
  t.equal(
    await readFile(join(folder, 'installer/state.txt'), 'utf8'),
    'the first line, and no end\n',
    'what came stays',
  );
});
