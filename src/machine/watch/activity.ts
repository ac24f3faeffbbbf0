/**
 * What a machine does, seen from the host: its processors' time, its disks' requests, its output. A machine that does
 * none of these waits; one that is only silent works. Asking costs two QMP commands and one small file a processor.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Machine } from '../machine.ts';

/** All counters since power-on. */
export interface Activity {
  /** Of all its virtual processors, milliseconds. */
  readonly processors: number;
  /** How long they were ready to run while the host had no processor for them; milliseconds. */
  readonly starved: number;
  /** Reads, writes, flushes and discards of all its disks. */
  readonly requests: number;
  /** Read and written. */
  readonly bytes: number;
  /** Pieces of text on its console and lines in its log. */
  readonly output: number;
}

export interface ActivityMeter extends Disposable {
  /** Undefined when QEMU does not answer or its threads cannot be looked at: then nothing is known. */
  read(): Promise<Activity | undefined>;
}

type Metered = Pick<Machine, 'pid' | 'qmp' | 'log'> & { readonly console: Pick<Machine['console'], 'onText'> };

/** QEMU's qapi/machine.json (CpuInfoFast) and qapi/block-core.json (BlockStats). */
const cpus = z.array(z.object({ 'thread-id': z.number() }));
const disks = z.array(
  z.object({
    stats: z.object({
      rd_bytes: z.number(),
      wr_bytes: z.number(),
      rd_operations: z.number(),
      wr_operations: z.number(),
      flush_operations: z.number(),
      unmap_operations: z.number().default(0),
    }),
  }),
);

/** Milliseconds; the kernel counts in hundredths of a second wherever Node runs (USER_HZ). */
const TICK = 10;
const ANSWER_LIMIT = 3000;

export const createActivityMeter = ({ pid, qmp, log, console }: Metered): ActivityMeter => {
  let output = 0;
  const count = () => {
    output++;
  };
  const releases = [log.subscribe(count), console.onText(count)];
  const ask = (command: string) => qmp.execute(command, {}, { timeout: ANSWER_LIMIT });
  const measure = async (): Promise<Activity> => {
    const threads = cpus.parse(await ask('query-cpus-fast')).map((cpu) => cpu['thread-id']);
    const times = await Promise.all(threads.map((thread) => threadTime(pid, thread)));
    const waits = await Promise.all(threads.map((thread) => starvedTime(pid, thread)));
    const stats = disks.parse(await ask('query-blockstats')).map((disk) => disk.stats);
    return {
      processors: sum(times),
      starved: sum(waits),
      requests: sum(
        stats.map((one) => one.rd_operations + one.wr_operations + one.flush_operations + one.unmap_operations),
      ),
      bytes: sum(stats.map((one) => one.rd_bytes + one.wr_bytes)),
      output,
    };
  };
  return {
    // QEMU may be ending: then nothing is known, and nothing is concluded.
    read: () => measure().catch(() => undefined),
    [Symbol.dispose]() {
      for (const release of releases) release();
    },
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** proc_pid_stat(5): the fields after the name, which may hold blanks, are counted from its bracket on. */
const threadTime = async (pid: number, thread: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
};

/** Time on a run queue, nanoseconds (the kernel's Documentation/scheduler/sched-stats.rst); 0 where it is not counted. */
const starvedTime = async (pid: number, thread: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) / 1e6;
};
