/** Chromium without a window, over its DevTools protocol: opens a page, looks at it, takes its picture. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Page extends AsyncDisposable {
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  resize(width: number, height: number): Promise<void>;
  /** A PNG of what is seen. */
  picture(): Promise<Buffer>;
}

/** Undefined on a host without Chromium. */
export const openPage = async (url: string): Promise<Page | undefined> => {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
  const child = spawn('chromium', [...options, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const remove = () => rm(profile, { recursive: true, force: true, maxRetries: 10 });
  const browser = await listening(child);
  if (browser === undefined) {
    await remove();
    return undefined;
  }
  const made = await fetch(`http://${new URL(browser).host}/json/new?about:blank`, { method: 'PUT' });
  const { webSocketDebuggerUrl } = (await made.json()) as { webSocketDebuggerUrl: string };
  const send = await connected(webSocketDebuggerUrl);
  await send('Page.navigate', { url });
  return {
    async evaluate(expression) {
      const { result } = await send('Runtime.evaluate', { expression, returnByValue: true });
      return (result as { value?: unknown }).value;
    },
    async resize(width, height) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    },
    async picture() {
      return Buffer.from(String((await send('Page.captureScreenshot', {}))['data']), 'base64');
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'close');
      await remove();
    },
  };
};

const listening = (child: ChildProcess): Promise<string | undefined> =>
  new Promise((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('close', () => resolve(undefined));
    if (child.stderr === null) return resolve(undefined);
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /DevTools listening on (\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });

type Json = Readonly<Record<string, unknown>>;

const connected = async (url: string) => {
  const socket = new WebSocket(url);
  const open = new Map<number, (result: Json) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: Json };
    if (id !== undefined) open.get(id)?.(result ?? {});
  });
  await once(socket, 'open');
  let last = 0;
  return (method: string, params: Json): Promise<Json> =>
    new Promise((resolve) => {
      last += 1;
      open.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
};
