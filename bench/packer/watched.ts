/** Runs a program and tells what it took: time, its own processor time and memory, those of its children, its lines. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface Line {
  /** Seconds since the program was started. */
  readonly at: number;
  readonly text: string;
}

export interface Watched {
  readonly seconds: number;
  /** Processor time, user and system, seconds: of the process itself, and of all children that it has waited for. */
  readonly ownCpu: number;
  readonly childrenCpu: number;
  /** The most memory that the process itself had, bytes. */
  readonly peakMemory: number;
  readonly lines: readonly Line[];
}

export interface WatchOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets all output. */
  readonly log: string;
}

/** proc(5): clock ticks a second, on every Linux that Node runs on. */
const TICKS = 100;

/** The last look comes at most this long before the end; milliseconds. */
const INTERVAL = 100;

interface Usage {
  readonly ownCpu: number;
  readonly childrenCpu: number;
  readonly peakMemory: number;
}

/** From the text of /proc/PID/stat and /proc/PID/status. */
export const usageOf = (stat: string, status: string): Usage => {
  // The name of the program, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (...places: readonly number[]) => places.reduce((sum, n) => sum + Number(fields[n]), 0) / TICKS;
  const kibibytes = Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { ownCpu: seconds(11, 12), childrenCpu: seconds(13, 14), peakMemory: kibibytes * 1024 };
};

/** Throws when the program fails; its log is named then. */
export const watch = async (file: string, args: readonly string[], options: WatchOptions): Promise<Watched> => {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  // Packer and Ingot both end their machine on an interrupt; Ctrl-C reaches them by itself.
  const stop = () => child.kill('SIGINT');
  process.once('SIGTERM', stop);
  const log = createWriteStream(options.log);
  let usage: Usage = { ownCpu: 0, childrenCpu: 0, peakMemory: 0 };
  const timer = setInterval(() => void look(child.pid).then((seen) => (usage = seen ?? usage)), INTERVAL);
  const lines: Line[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      lines.push({ at: elapsed(), text });
      log.write(`${text}\n`);
    });
  }
  const code = await ended.finally(() => {
    clearInterval(timer);
    process.off('SIGTERM', stop);
    log.end();
  });
  if (code !== 0) throw new Error(`${file} ended with ${code}; see ${options.log}`);
  return { seconds: elapsed(), ...usage, lines };
};

const look = async (pid: number | undefined): Promise<Usage | undefined> => {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8');
  const texts = await Promise.all([read('stat'), read('status')]).catch(() => undefined);
  // A process that has ended and waits to be collected has no memory any more.
  return texts?.[1].includes('VmHWM') ? usageOf(...texts) : undefined;
};
