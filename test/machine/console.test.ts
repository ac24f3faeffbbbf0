import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import t from 'tap';
import { COLUMNS, createConsole, ROWS } from '../../src/machine/console.ts';
import { loadFont } from '../../src/machine/console-font.ts';
import { drawConsole } from '../../src/machine/console-picture.ts';
import { createFeed } from '../../src/machine/feed.ts';
import { createLife } from '../../src/machine/life.ts';
import { KEPT_SCREENS, keepPictures } from '../../src/machine/picture-strip.ts';
import { silentReporter } from '../../src/report.ts';
import { until } from './guest.ts';

t.test('lines without what garbles them', async (t) => {
  const cases: [string, string[]][] = [
    ['one\r\ntwo\n', ['one', 'two']],
    ['\u001b[1;31mred\u001b[0m text\n', ['red text']],
    ['\u001b[=3h\u001b[2J\u001b[01;01HBdsDxe: loading\r\n', ['BdsDxe: loading']],
    ['\u001b(B\u001b)0box\u000e\u0000\n', ['box']],
    [' 2%...\r 95%...\r\n', [' 2%...', ' 95%...']],
  ];
  for (const [text, lines] of cases) {
    const feed = createFeed();
    const seen: string[] = [];
    for (const character of text) feed.push(character);
    feed.subscribe((line) => seen.push(line), { replay: true });
    t.same(seen, lines, JSON.stringify(text));
    t.same(feed.last(1), lines.slice(-1));
  }
});

t.test('a screen as a person would see it', async (t) => {
  const sent: unknown[] = [];
  const console = createConsole((text) => sent.push(text));
  console.push('first\r\nsecond\u001b[2J\u001b[H\u001b[44;37m┌─┤ Título ├─┐\u001b[0m\r\n\u001b[5;10Hthere\u001b[6n');
  const { lines, cursor } = await console.screen();
  t.equal(lines.length, ROWS);
  t.equal(lines[0], '┌─┤ Título ├─┐');
  t.equal(lines[4], '         there');
  t.same(cursor, { row: 4, column: 14 });
  t.same(sent, [], 'its questions to the terminal stay without an answer');
  for (let n = 0; n < 100; n++) console.push(`line ${n}\r\n`);
  t.match(await console.text(), /line 0\n.*line 99\n$/s, 'what scrolled by is kept');
});

t.test('a secret on the screen is not shown, wherever a line ends', async (t) => {
  const secret = 'correct-horse-battery-staple';
  const redact = (text: string) => text.replaceAll(secret, '***');
  for (const before of [0, 60, 79, 80, 150, ROWS * COLUMNS - 4]) {
    const [console, plain] = [createConsole(() => {}, redact), createConsole(() => {})];
    for (const one of [console, plain]) one.push(`above\r\n${'x'.repeat(before)}${secret} after\r\nbelow`);
    const rows = (await console.screen()).lines;
    t.equal(rows.length, ROWS);
    const shown = rows.join('');
    for (let at = 0; at + 8 <= secret.length; at++) t.notMatch(shown, secret.slice(at, at + 8), `${before} before it`);
    t.match(shown, /\*\*\* after/);
    t.same(rows.indexOf('below'), (await plain.screen()).lines.indexOf('below'), 'nothing else moves');
  }
});

t.test('a guest that sends without end', async (t) => {
  const console = createConsole(() => {});
  const seen: number[] = [];
  console.subscribe((line) => seen.push(line.length));
  for (let n = 0; n < 64; n++) console.push('x'.repeat(2 ** 20));
  console.push('\r\nstill here\r\n');
  t.ok(seen.length >= 64, 'its line is cut');
  t.same(console.last(1), ['still here']);
  t.equal((await console.screen()).lines.length, ROWS);
  console.push('\u001b[2J\u001b[Hdrawn');
  t.equal((await console.screen()).lines[0], 'drawn', 'the screen goes on');
});

/** The pixels of a palette PNG, by its own chunks. */
const pixelsOf = (png: Buffer): { width: number; height: number; at(x: number, y: number): number } => {
  const chunks = new Map<string, Buffer>();
  for (let offset = 8; offset < png.length; ) {
    const size = png.readUInt32BE(offset);
    chunks.set(png.toString('latin1', offset + 4, offset + 8), png.subarray(offset + 8, offset + 8 + size));
    offset += size + 12;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(13);
  const width = header.readUInt32BE(0);
  const data = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  return { width, height: header.readUInt32BE(4), at: (x, y) => data[y * (width + 1) + 1 + x] ?? -1 };
};

t.test('and as a picture', async (t) => {
  const console = createConsole(() => {});
  console.push('\u001b[?25lA\u001b[31;44mB\u001b[0;1;32mC\u001b[0;7mD\u001b[0m\u001b[25;80H');
  const picture = pixelsOf(await drawConsole(await console.buffer()));
  t.same([picture.width, picture.height], [COLUMNS * 8, ROWS * 16]);
  const font = await loadFont();
  const colours = [
    [7, 0],
    [1, 4],
    [10, 0],
    [0, 7],
  ] as const;
  for (const [column, character] of [...'ABCD'].entries()) {
    const [ink, paper] = colours[column] ?? [];
    const glyph = font.glyph(character);
    t.ok(
      glyph?.some((row) => row !== 0),
      `${character} has a shape`,
    );
    const drawn = Array.from({ length: 16 }, (_, y) =>
      Array.from({ length: 8 }, (_, x) => picture.at(column * 8 + x, y)),
    );
    const expected = Array.from({ length: 16 }, (_, y) =>
      Array.from({ length: 8 }, (_, x) => ((glyph?.[y] ?? 0) & (0x80 >> x) ? ink : paper)),
    );
    t.same(drawn, expected, character);
  }
  t.equal(picture.at(COLUMNS * 8 - 1, ROWS * 16 - 1), 7, 'the cursor is a block');
  for (const character of '─│┌┐└┘├┤█░äßé') t.ok(font.glyph(character), `the font has ${character}`);
  t.equal((await readFile(join(import.meta.dirname, '../../vm/font/LICENSE'), 'utf8')).includes('BSD-2-clause'), true);
});

t.test('endings that are hard to bring about', async (t) => {
  const exit = { exitCode: 0, signal: undefined, output: '' };
  const cases: [string, { event: string; data: Record<string, unknown> }[], string][] = [
    ['a panic', [{ event: 'GUEST_PANICKED', data: { action: 'pause' } }], 'machine.guest-panic'],
    [
      'a full disk',
      [
        {
          event: 'BLOCK_IO_ERROR',
          data: {
            action: 'stop',
            nospace: true,
            device: 'disk0',
            operation: 'write',
            reason: 'No space left on device',
          },
        },
      ],
      'machine.host-disk-full',
    ],
    [
      'a bad disk',
      [
        {
          event: 'BLOCK_IO_ERROR',
          data: { action: 'stop', nospace: false, device: 'disk0', operation: 'write', reason: 'Input/output error' },
        },
      ],
      'machine.disk-error',
    ],
    ['a loop', Array.from({ length: 8 }, () => ({ event: 'RESET', data: { guest: true } })), 'machine.reset-loop'],
    ['no word at all', [], 'machine.qemu-died'],
  ];
  for (const [title, events, code] of cases) {
    const life = createLife('test', createFeed());
    for (const event of events) life.see(event);
    life.see({ event: 'SHUTDOWN', data: { reason: 'host-qmp-quit' } });
    if (events.length > 0) t.match(life.ending(exit), { reason: 'failed', error: { code } }, title);
    else t.same(life.ending(exit), { reason: 'host-quit' });
    t.match(createLife('test', createFeed()).ending(exit), { error: { code: 'machine.qemu-died' } });
  }
  let now = 0;
  const slow = createLife('test', createFeed(), () => now);
  for (let n = 0; n < 20; n++, now += 20_000) slow.see({ event: 'RESET', data: { guest: true } });
  slow.see({ event: 'SHUTDOWN', data: { reason: 'guest-shutdown' } });
  t.same(slow.ending(exit), { reason: 'guest-shutdown' }, 'restarts now and then are no loop');
  t.match(
    slow.ending({ ...exit, exitCode: 134 }),
    { error: { code: 'machine.qemu-died' } },
    'a crash on the way out is one',
  );
});

t.test('a strip of pictures: each phase, the last screens, and none with a secret', async (t) => {
  const folder = t.testdir({ pictures: { '0000-0s-of-a-machine-before.png': '' } });
  const console = createConsole(() => {});
  const phases: string[] = [];
  const said: string[] = [];
  const reporter = {
    ...silentReporter,
    phase: (name: string) => void phases.push(name),
    line: (text: string) => void said.push(text),
  };
  const redact = (text: string) => text.replaceAll('s3cret-word', '***');
  const pictures = async () => (await readdir(join(folder, 'pictures')).catch(() => [])).sort();
  {
    await using strip = await keepPictures(console, { folder, reporter, redact, interval: 5 });
    t.same(await pictures(), []);
    console.push('booting\r\n');
    strip.reporter.phase('start');
    await until(async () => (await pictures()).length > 0);
    console.push('the password is s3cret-word\r\n');
    strip.reporter.phase('a password');
    await sleep(100);
    t.same(await pictures(), ['0001-0s-start.png'], 'a screen that stays gives one picture');
    console.push('\u001b[2J\u001b[H');
    strip.reporter.phase('Step 1: s3cret-word, and /etc/more');
    for (let n = 0; n < 2 * KEPT_SCREENS; n++) {
      const before = (await pictures()).at(-1);
      console.push(`line ${n}\r\n`);
      await until(async () => (await pictures()).at(-1) !== before);
    }
  }
  t.same(phases, ['start', 'a password', 'Step 1: s3cret-word, and /etc/more']);
  const kept = await pictures();
  t.ok(
    kept.some((name) => /^\d{4}-\d+s-step-1-and-etc-more\.png$/.test(name)),
    'the name of a phase is redacted as well',
  );
  const screens = kept.filter((name) => /^\d{4}-\d+s\.png$/.test(name));
  t.equal(screens.length, KEPT_SCREENS);
  t.same((await readFile(join(folder, 'pictures', kept[0] ?? ''))).subarray(1, 4).toString(), 'PNG');
  t.same(said, []);

  const inTheWay = t.testdirName;
  await mkdir(join(inTheWay, 'x'), { recursive: true });
  {
    await using strip = await keepPictures(console, { folder: join(inTheWay, 'x'), reporter, redact, interval: 5 });
    await writeFile(join(inTheWay, 'x', 'pictures'), 'a file in the way');
    strip.reporter.phase('one');
    strip.reporter.phase('two');
  }
  t.match(said, [/^no picture of the console: /], 'said once');
  t.equal(said.length, 1);
});
