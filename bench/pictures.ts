/**
 * The pictures in docs/pictures/, made from a run that was recorded:
 *   node bench/pictures.ts RUN-FOLDER SECONDS
 * The live list is what `ingot build` showed SECONDS after the run began: its events go through the terminal's own view,
 * with a clock that follows their times. The page is `ingot show --html`, as chromium shows it. Folders of the host that
 * built are left out of both.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import xterm from '@xterm/headless';
import { writeFileWhole } from '../src/host/files.ts';
import { run } from '../src/host/run.ts';
import type { StampedEvent } from '../src/pipeline/events.ts';
import { screenSvg } from './pictures/screen-svg.ts';

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'docs', 'pictures');
const COLUMNS = 100;
const ROWS = 14;

/** The run's events without the folders of its host. */
const cleaned = (text: string, folder: string): string => {
  const first: { runFolder: string } = JSON.parse(text.slice(0, text.indexOf('\n')));
  const store = first.runFolder.slice(0, first.runFolder.indexOf('/runs/'));
  return text
    .replaceAll(folder, `~/.cache/ingot/runs/${basename(folder)}`)
    .replaceAll(first.runFolder, `~/.cache/ingot/runs/${basename(first.runFolder)}`)
    .replaceAll(`${store}/out`, 'out')
    .replaceAll(store, '~/.cache/ingot');
};

const liveList = async (events: readonly StampedEvent[], seconds: number): Promise<string> => {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, convertEol: true });
  const began = Date.parse(events[0]?.at ?? '');
  let clock = 0;
  performance.now = () => clock;
  const out = process.stdout;
  const print = out.write.bind(out);
  Object.assign(out, { isTTY: true, columns: COLUMNS, rows: ROWS });
  process.env['FORCE_COLOR'] = '1';
  out.write = (text: string | Uint8Array) => {
    terminal.write(text);
    return true;
  };
  const { terminalScreen } = await import('../src/ui/terminal.ts');
  const { subscriber } = terminalScreen(() => {});
  for (const event of events) {
    const at = Date.parse(event.at) - began;
    if (at > seconds * 1000) break;
    clock = at;
    subscriber(event);
    // The list is built and its rows begin one after the other.
    if (event.type !== 'stage.line' && event.type !== 'stage.progress') await sleep(150);
  }
  clock = seconds * 1000;
  await sleep(1500);
  out.write = print;
  let rows = ROWS;
  while (rows > 1 && terminal.buffer.active.getLine(rows - 1)?.translateToString(true) === '') rows--;
  return screenSvg(terminal, rows, `ingot build, ${seconds} seconds after it began: the stages with their times`);
};

const page = async (folder: string, events: string): Promise<void> => {
  const store = await mkdtemp(join(tmpdir(), 'ingot-pictures-'));
  const html = join(store, 'run.html');
  const copy = join(store, 'runs', basename(folder));
  await cp(folder, copy, { recursive: true });
  await writeFile(join(copy, 'events.ndjson'), events);
  await run(join(root, 'bin', 'ingot'), ['show', '--store', store, '--html', '-o', html]);
  await writeFile(html, (await readFile(html, 'utf8')).replaceAll(store, '~/.cache/ingot'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=1100,900'];
  await run('chromium', [...options, `--screenshot=${join(pictures, 'run-page.png')}`, `file://${html}`]);
  await rm(store, { recursive: true });
};

const [folder, seconds] = process.argv.slice(2);
if (folder === undefined || seconds === undefined) throw new Error('node bench/pictures.ts RUN-FOLDER SECONDS');
const text = cleaned(await readFile(join(folder, 'events.ndjson'), 'utf8'), folder);
const events: StampedEvent[] = text
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
await page(folder, text);
await writeFileWhole(join(pictures, 'live-list.svg'), await liveList(events, Number(seconds)));
process.exit(0);
