/**
 * A client for QMP, QEMU's machine protocol (QEMU docs/interop/qmp-spec): JSON objects, one a line. Commands carry
 * an id, so that answers find their question; events come in between. When the socket ends, every open question is
 * answered with an error, and nothing hangs.
 */
import type { Duplex } from 'node:stream';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { lineSplitter } from '../host/lines.ts';

type Json = Readonly<Record<string, unknown>>;

export interface QmpEvent {
  /** `SHUTDOWN`, `RESET`, `BLOCK_IO_ERROR`, … */
  readonly event: string;
  readonly data: Json;
}

export interface QmpCommandOptions {
  /** Milliseconds; 30 s when absent. */
  readonly timeout?: number;
}

export interface Qmp {
  /** Throws `machine.qmp-error` when QEMU refuses, `machine.qmp-timeout`, or `machine.qmp-closed`. */
  execute(command: string, args?: Json, options?: QmpCommandOptions): Promise<unknown>;
  /** The text of a monitor command that QMP itself lacks (`info usernet`). */
  monitor(command: string, options?: { readonly timeout?: number }): Promise<string>;
  subscribe(listener: (event: QmpEvent) => void): () => void;
  /** Resolves when the socket has ended, never rejects. */
  readonly closed: Promise<void>;
  close(): void;
}

interface Question {
  readonly command: string;
  readonly answer: PromiseWithResolvers<unknown>;
  readonly timer: NodeJS.Timeout;
}

/** Characters. QEMU never sends that much: beyond this the connection is given up. */
const LONGEST_MESSAGE = 2 ** 24;
const DEFAULT_TIMEOUT = 30_000;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Waits for the greeting, leaves negotiation mode, and returns the client. */
export const openQmp = async (socket: Duplex, timeout = DEFAULT_TIMEOUT): Promise<Qmp> => {
  const client = createClient(socket);
  await client.greeting(timeout);
  await client.execute('qmp_capabilities', {}, { timeout });
  return client;
};

const createClient = (socket: Duplex): Qmp & { greeting(timeout: number): Promise<void> } => {
  const questions = new Map<number, Question>();
  const listeners = new Set<(event: QmpEvent) => void>();
  const closed = Promise.withResolvers<void>();
  const greeted = Promise.withResolvers<void>();
  let lastId = 0;
  let isClosed = false;

  const end = (): void => {
    if (isClosed) return;
    isClosed = true;
    greeted.reject(closedError('greeting'));
    for (const { command, answer, timer } of questions.values()) {
      clearTimeout(timer);
      answer.reject(closedError(command));
    }
    questions.clear();
    closed.resolve();
  };
  greeted.promise.catch(() => {});

  const receive = (line: string): void => {
    const message = parse(line);
    if (message === undefined) {
      socket.destroy();
      end();
      return;
    }
    if ('QMP' in message) greeted.resolve();
    else if (typeof message['event'] === 'string') dispatch(listeners, message['event'], message['data']);
    else if (typeof message['id'] === 'number') settle(questions, message['id'], message);
  };

  const lines = lineSplitter(receive, { longest: LONGEST_MESSAGE });
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => lines.push(chunk));
  socket.on('error', end);
  socket.on('close', end);
  socket.on('end', end);

  const execute: Qmp['execute'] = (command, args = {}, options = {}) => {
    const answer = Promise.withResolvers<unknown>();
    if (isClosed) {
      answer.reject(closedError(command));
      return answer.promise;
    }
    const id = ++lastId;
    const limit = options.timeout ?? DEFAULT_TIMEOUT;
    const timer = setTimeout(() => {
      questions.delete(id);
      answer.reject(timeoutError(command, limit));
    }, limit);
    questions.set(id, { command, answer, timer });
    socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    return answer.promise;
  };

  return {
    execute,
    monitor: async (command, options) =>
      String(await execute('human-monitor-command', { 'command-line': command }, options)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    closed: closed.promise,
    close: () => void socket.destroy(),
    async greeting(timeout) {
      const timer = setTimeout(() => greeted.reject(timeoutError('greeting', timeout)), timeout);
      await greeted.promise.finally(() => clearTimeout(timer));
    },
  };
};

const parse = (line: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const dispatch = (listeners: ReadonlySet<(event: QmpEvent) => void>, event: string, data: unknown): void => {
  for (const listener of [...listeners]) listener({ event, data: isObject(data) ? data : {} });
};

const settle = (questions: Map<number, Question>, id: number, message: Json): void => {
  const question = questions.get(id);
  if (question === undefined) return;
  questions.delete(id);
  clearTimeout(question.timer);
  const error = message['error'];
  if (!isObject(error)) {
    question.answer.resolve(message['return']);
    return;
  }
  question.answer.reject(
    new IngotError('machine.qmp-error', `QEMU refused ${question.command}: ${String(error['desc'])}`, {
      detail: String(error['class']),
      hint: OUR_FAULT,
    }),
  );
};

const closedError = (command: string): IngotError =>
  new IngotError('machine.qmp-closed', `QEMU closed its control socket (${command})`, {
    hint: 'It has ended. Has the kernel killed it because memory ran out? See dmesg.',
  });

const timeoutError = (command: string, limit: number): IngotError =>
  new IngotError('machine.qmp-timeout', `QEMU did not answer ${command} within ${Math.round(limit / 1000)} s`, {
    hint: 'Is the host very busy, or its disk stuck? See dmesg; then build fewer recipes at once.',
  });
