/**
 * How a machine run ends. QEMU's events (QEMU docs, "QMP reference: VM run state") are gathered while it lives, and
 * its end is named from them: the guest powered off, restarted or panicked, the host's disk was full, QEMU died.
 */
import { IngotError } from '../errors.ts';
import { lastLines } from '../host/lines.ts';
import type { LineFeed } from './feed.ts';
import { guestPanic } from './panic.ts';
import type { QmpEvent } from './qmp.ts';

export interface Ending {
  /** guest-…: by the guest. host-quit: told to. failed: see `error`. */
  readonly reason: 'guest-shutdown' | 'guest-reset' | 'host-quit' | 'failed';
  readonly error?: IngotError;
}

export interface Exit {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly output: string;
}

export interface Life {
  /** Returns the error when the event means that the machine can not go on. */
  see(event: QmpEvent): IngotError | undefined;
  /** The first reason wins: what comes after it is its consequence. */
  fail(error: IngotError): void;
  ending(exit: Exit): Ending;
}

/** A guest that restarts this often in this time (milliseconds) will not stop by itself. */
const RESET_LOOP = { times: 8, within: 120_000 };

export const createLife = (name: string, console: LineFeed, now: () => number = Date.now): Life => {
  let failure: IngotError | undefined;
  let shutdown: string | undefined;
  const resets: number[] = [];

  const judge = ({ event, data }: QmpEvent): IngotError | undefined => {
    switch (event) {
      case 'SHUTDOWN':
        shutdown = String(data['reason']);
        return undefined;
      case 'GUEST_PANICKED':
        return guestPanic(name, console);
      case 'BLOCK_IO_ERROR':
        return data['action'] === 'stop' ? diskError(name, data) : undefined;
      case 'RESET': {
        if (data['guest'] !== true) return undefined;
        resets.push(now());
        const since = resets.at(-RESET_LOOP.times);
        return since !== undefined && now() - since < RESET_LOOP.within ? resetLoop(name) : undefined;
      }
      default:
        return undefined;
    }
  };

  return {
    see(event) {
      const error = judge(event);
      failure ??= error;
      return error;
    },
    fail: (error) => {
      failure ??= error;
    },
    ending(exit) {
      if (failure) return { reason: 'failed', error: failure };
      if (exit.exitCode !== 0) return { reason: 'failed', error: qemuDied(name, exit) };
      if (shutdown === 'guest-shutdown') return { reason: 'guest-shutdown' };
      if (shutdown === 'guest-reset') return { reason: 'guest-reset' };
      if (shutdown === 'host-qmp-quit' || shutdown === 'host-ui') return { reason: 'host-quit' };
      const ended = shutdown === 'host-signal' ? { ...exit, signal: 'a signal' } : exit;
      return { reason: 'failed', error: qemuDied(name, ended) };
    },
  };
};

const diskError = (name: string, data: QmpEvent['data']): IngotError =>
  data['nospace'] === true
    ? new IngotError('machine.host-disk-full', 'no space left on the host for the machine’s disk', {
        where: name,
        detail: `${String(data['device'])}: ${String(data['reason'])}`,
        hint: 'Free some space where the store is, or put the store elsewhere with --store.',
      })
    : new IngotError('machine.disk-error', `the host could not ${String(data['operation'])} the machine’s disk`, {
        where: name,
        detail: `${String(data['device'])}: ${String(data['reason'])}`,
        hint: 'Is the disk below the store in order? See dmesg; --store takes another one.',
      });

const resetLoop = (name: string): IngotError =>
  new IngotError(
    'machine.reset-loop',
    `the guest restarted ${RESET_LOOP.times} times in less than ${RESET_LOOP.within / 1000} s`,
    { where: name, hint: 'console.txt and screen.png of this run show how far it comes.' },
  );

const KILLED =
  'Most often the host’s kernel has killed it, out of memory: `journalctl -k` then has “Out of memory: Killed process”. Give the machine less memory (machine.memory), or let fewer builds run at once.';

/** QEMU's own end, with its last output; common causes have names of their own. */
export const qemuDied = (name: string, exit: Exit): IngotError => {
  const detail = lastLines(exit.output, 12);
  if (/Failed to get "(write|consistent read|shared "write")"? lock|Failed to get .* lock/.test(detail)) {
    return new IngotError('machine.image-in-use', 'a disk of this machine is in use by another process', {
      where: name,
      detail,
      hint: 'End the other machine, or start this one on a throw-away overlay.',
    });
  }
  if (/cannot set up guest memory|Cannot allocate memory/.test(detail)) {
    return new IngotError('machine.host-memory', 'the host does not have enough memory for this machine', {
      where: name,
      detail,
      hint: 'Give the machine less memory (machine.memory), or let fewer builds run at once.',
    });
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `ended with status ${exit.exitCode ?? '?'}`;
  const hint = exit.signal === 'SIGKILL' ? KILLED : `Its log and its console are in the machine's folder of this run.`;
  return new IngotError('machine.qemu-died', `QEMU ${how}`, { where: name, detail, hint });
};
