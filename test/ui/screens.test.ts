import t from 'tap';
import type { StampedEvent } from '../../src/pipeline/events.ts';
import { age, bytes, duration, progress, tame } from '../../src/ui/format.ts';
import { jsonScreen } from '../../src/ui/json.ts';
import { lineScreen } from '../../src/ui/lines.ts';

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
