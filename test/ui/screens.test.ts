import t from 'tap';
import type { StampedEvent } from '../../src/pipeline/events.ts';
import { jsonScreen } from '../../src/ui/event-json.ts';
import { age, bytes, duration, progress, tame } from '../../src/ui/format.ts';
import { lineScreen } from '../../src/ui/plain-lines.ts';
import { placeOf } from '../../src/ui/step-place.ts';

const at = '2026-01-01T00:00:00.000Z';
const story: StampedEvent[] = [
  { at, type: 'build.start', recipe: 'web', version: '1', stages: ['origin', 'install'], runFolder: '/runs/1' },
  { at, type: 'stage.cached', stage: 'origin', key: 'k', age: 3 * 86_400_000 },
  { at, type: 'stage.start', stage: 'install' },
  { at, type: 'stage.note', stage: 'install', text: 'KVM does not work here: TCG is used' },
  { at, type: 'stage.phase', stage: 'install', phase: 'base system' },
  { at, type: 'stage.progress', stage: 'install', done: 31, total: 195, unit: 'items' },
  { at, type: 'stage.line', stage: 'install', line: 'Unpacking libc6' },
  { at, type: 'stage.failed', stage: 'install', phase: 'base system', error: { code: 'x.y', message: 'it broke' } },
  {
    at,
    type: 'build.failed',
    duration: 61_000,
    error: { code: 'x.y', message: 'it broke', hint: 'mend it' },
    evidence: '/runs/1',
  },
];

t.test('plain lines say how far a long phase has come, not more than twice a minute', async (t) => {
  let text = '';
  let now = 0;
  const screen = lineScreen(
    (part) => {
      text += part;
    },
    () => now,
  );
  screen({ at, type: 'stage.phase', stage: 'install', phase: 'base system' });
  for (let done = 0; done <= 200; done += 10) {
    screen({ at, type: 'stage.progress', stage: 'install', done, total: 200, unit: 'items' });
    now += 10_000;
  }
  screen({ at, type: 'stage.progress', stage: 'install', done: 7, unit: 'bytes' });
  t.same(text.split('\n'), [
    '00:00 install: base system',
    '00:30 install: base system 15 %',
    '01:00 install: base system 30 %',
    '01:30 install: base system 45 %',
    '02:00 install: base system 60 %',
    '02:30 install: base system 75 %',
    '03:00 install: base system 90 %',
    '',
  ]);
});

t.test('plain lines say where a long step is: task, package, last line, or that it goes on', (t) => {
  let text = '';
  let now = 0;
  let tick = () => {};
  const screen = lineScreen(
    (part) => {
      text += part;
    },
    () => now,
    (one) => {
      tick = one;
    },
  );
  const step = (phase: string, done: number) => {
    screen({ at, type: 'stage.phase', stage: 'configure', phase });
    screen({ at, type: 'stage.progress', stage: 'configure', done, total: 3, unit: 'items' });
  };
  const line = (after: number, said: string) => {
    for (const end = now + after; now < end; now += 5000) tick();
    screen({ at, type: 'stage.line', stage: 'configure', line: said });
  };
  step('harden', 0);
  line(10_000, 'TASK [os_hardening : set sysctl] ******');
  line(10_000, 'ok: [ingot-guest]');
  line(20_000, 'ok: [ingot-guest]');
  line(5_000, 'TASK [ssh : write sshd_config] ****');
  line(30_000, 'changed: [ingot-guest]');
  step('packages', 1);
  line(35_000, 'Setting up postgresql-15 (15.8-0+deb12u1) ...');
  step('installer', 1);
  line(35_000, 'Nov 29 17:42:13 debootstrap: Setting up libc6:amd64 (2.36-9) ...');
  step('own script', 2);
  line(5000, '\u001b[31m--- phase two ---\u001b[0m');
  line(30_000, '----');
  line(130_000, 'end');
  screen({ at, type: 'stage.done', stage: 'configure', key: 'k', duration: 1 });
  for (let times = 0; times < 100; times++, now += 5000) tick();
  t.same(text.split('\n'), [
    '00:00 configure: harden',
    '00:40 configure: harden, 40 s: task: os_hardening : set sysctl',
    '01:15 configure: harden, 75 s: task: ssh : write sshd_config',
    '01:15 configure: packages',
    '01:50 configure: packages, 35 s: package: postgresql-15',
    '01:50 configure: installer',
    '02:25 configure: installer, 35 s: package: libc6:amd64',
    '02:25 configure: own script',
    '03:00 configure: own script, 35 s: --- phase two ---',
    '04:00 configure: own script, 95 s: --- phase two ---',
    '05:00 configure: own script, 2 min 35 s: --- phase two ---',
    '05:10 configure: done in 0.0 s',
    '',
  ]);
  t.end();
});

t.test('the place of a line', (t) => {
  const cases: [line: string, place: string | undefined][] = [
    ['TASK [debug] ****************', 'task: debug'],
    ['RUNNING HANDLER [nginx : restart nginx] *****', 'task: nginx : restart nginx'],
    [
      'TASK [devsec.hardening.ssh_hardening : Create sshd_config and set permissions to root/600] ***',
      'task: devsec.hardening.ssh_hardening : Create sshd_config and set permissions to root/600',
    ],
    ['TASK [Set net.ipv4.conf.[all]] ***', 'task: Set net.ipv4.conf.[all]'],
    ['TASK [Gathering Facts] *****************', 'task: Gathering Facts'],
    [
      'RUNNING HANDLER [devsec.hardening.os_hardening : Update-initramfs] ***',
      'task: devsec.hardening.os_hardening : Update-initramfs',
    ],
    ['FAILED - RETRYING: [ingot-guest]: Wait for apt (9 retries left).', 'trying again: Wait for apt (9 retries left)'],
    ['changed: [ingot-guest] => (item={"name": "kernel.kptr_restrict", "value": "2"})', undefined],
    ['PLAY RECAP *****************************', undefined],
    ['included: /etc/ansible/roles/os_hardening/tasks/pam.yml for ingot-guest', undefined],
    ['Preparing to unpack .../12-libpq5_15.8-0_amd64.deb ...', 'package: 12-libpq5_15.8-0_amd64.deb'],
    ['Unpacking libpq5:amd64 (15.8-0+deb12u1) ...', 'package: libpq5:amd64'],
    ['Setting up nginx (1.22.1-9) ...', 'package: nginx'],
    ['Processing triggers for man-db (2.11.2-2) ...', 'triggers of: man-db'],
    ['Get:12 http://deb.example.org/debian bookworm/main amd64 nginx amd64 1.22 [527 kB]', 'download: nginx'],
    ['  Installing       : httpd-2.4.57-11.el9.x86_64      7/12', 'package: httpd-2.4.57-11.el9.x86_64'],
    ['ok: [ingot-guest]', undefined],
    ['Setting up', undefined],
  ];
  for (const [line, place] of cases) t.equal(placeOf(line), place, line);
  t.end();
});

t.test('plain lines tell stages, phases, notes and the error', async (t) => {
  let text = '';
  const screen = lineScreen((part) => {
    text += part;
  });
  for (const event of story) screen(event);
  t.same(text.replaceAll(/^\d\d:\d\d /gm, '').split('\n'), [
    'web 1: origin → install',
    'origin: unchanged, made 3 days ago',
    'install: started',
    'install: note: KVM does not work here: TCG is used',
    'install: base system',
    'install: failed in base system',
    'failed after 61 s',
    'error: it broke  [x.y]',
    '  next: mend it',
    '  seen: /runs/1',
    '',
  ]);
});

t.test('NDJSON carries every event', async (t) => {
  const lines: string[] = [];
  const screen = jsonScreen((part) => lines.push(part));
  for (const event of story) screen(event);
  t.same(
    lines.map((line) => JSON.parse(line)),
    story,
  );
  t.ok(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1));
});

t.test('figures', async (t) => {
  for (const [value, text] of [
    [800, '0.8 s'],
    [9_990, '10 s'],
    [47_400, '47 s'],
    [552_000, '9 min 12 s'],
    [7_260_000, '2 h 01 min'],
  ] as const)
    t.equal(duration(value), text);
  for (const [value, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [312_000_000, '312 MB'],
  ] as const)
    t.equal(bytes(value), text);
  for (const [value, text] of [
    [5_000, 'just now'],
    [60_000, '1 minute ago'],
    [7_200_000, '2 hours ago'],
  ] as const)
    t.equal(age(value), text);
  t.equal(progress(31, 195, 'items'), '31 of 195');
  t.equal(progress(50, 200, 'bytes'), '25 %');
  t.equal(progress(1_500_000, undefined, 'bytes'), '1.5 MB');
  t.equal(tame('\u001b[31mred\u0007', 20), ' [31mred ', 'a guest cannot steer the terminal');
  t.equal(tame('x'.repeat(50), 10), `${'x'.repeat(9)}…`);
});
