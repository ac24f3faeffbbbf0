/** Brings QEMU up to the point where its sockets are connected and the guest waits for its start. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { IngotError, interrupted, messageOf, OUR_FAULT } from '../errors.ts';
import type { LongLived } from '../host/run.ts';
import type { Reporter } from '../report.ts';
import { type ConsoleSink, createConsole } from './console.ts';
import { createFeed, type LineFeed, type LineSink } from './feed.ts';
import { qemuDied } from './life.ts';
import { createLogFile, type LogFile } from './log-file.ts';
import { INSTALLER_LOG, SERIAL_LOG } from './machine-evidence.ts';
import { openQmp, type Qmp } from './qmp.ts';
import { createRuntimeFolder } from './runtime-folder.ts';
import { doorIds, FRAMES, type MachineSpec } from './spec.ts';

/** The log port: what the guest tells, line by line, and a word to it. */
export interface LogPort extends LineFeed {
  send(line: string): void;
}

export interface Connected {
  readonly qemu: LongLived;
  readonly qmp: Qmp;
  readonly console: ConsoleSink;
  readonly log: LineSink & Pick<LogPort, 'send'>;
  readonly sshPort: number | undefined;
  /** Of a `stream` network: nothing is read from it until somebody does. */
  readonly frames: Socket | undefined;
  /** Sockets that lead to the build's own sshd, a connection each. */
  readonly doors: readonly { readonly id: string; readonly socket: string }[];
  /** Removes the sockets. */
  cleanUp(): Promise<void>;
  /** Whether the guest has said a secret, on either port. */
  readonly hasSaidSecret: () => boolean;
  /** Waits for what is still in the sockets of a machine that has ended. */
  drain(): Promise<void>;
}

interface Start {
  /** For the logs. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Takes secrets out of what the console shows. */
  readonly redact?: ((text: string) => string) | undefined;
  /** Starts QEMU with the sockets of this folder. */
  start(runtimeFolder: string): LongLived;
}

/** QEMU has allocated memory and opened its files long before; on a busy host it may take its time. */
const CONNECT_LIMIT = 60_000;

export const connectMachine = async (spec: MachineSpec, options: Start): Promise<Connected> => {
  const { signal, start } = options;
  await using cleaning = new AsyncDisposableStack();
  const runtime = cleaning.use(await createRuntimeFolder());
  await runtime.writeCredentials(spec.credentials ?? {});
  const names = [
    ...['qmp', 'serial'],
    ...(spec.logPort === undefined ? [] : ['log']),
    ...(spec.network.mode === 'stream' ? [FRAMES] : []),
  ];
  const waiting = new Map<string, Promise<Socket>>();
  for (const name of names) waiting.set(name, (await runtime.listen(name)).connection);
  const qemu = start(runtime.path);
  const giveUp = new AbortController();
  try {
    const connected = await Promise.race([
      connectAll(spec, qemu, waiting, options),
      qemu.ended.then((exit) => Promise.reject(qemuDied(spec.name, exit))),
      tooLate(spec.name, giveUp.signal, signal),
    ]);
    await runtime.dropCredentials();
    const doors = doorIds(spec).map((id) => ({ id, socket: join(runtime.path, `${id}.sock`) }));
    if (doors.length === 0) return { ...connected, doors, cleanUp: async () => undefined };
    const kept = cleaning.move();
    return { ...connected, doors, cleanUp: () => kept.disposeAsync() };
  } catch (error) {
    const isItsEnd = error instanceof IngotError && error.code === 'machine.qmp-closed';
    if (!isItsEnd) qemu.kill('SIGKILL');
    const exit = await qemu.ended;
    throw isItsEnd ? qemuDied(spec.name, exit) : error;
  } finally {
    giveUp.abort();
  }
};

const connectAll = async (
  spec: MachineSpec,
  qemu: LongLived,
  waiting: ReadonlyMap<string, Promise<Socket>>,
  { folder, reporter, redact = (text) => text }: Pick<Start, 'folder' | 'reporter' | 'redact'>,
): Promise<Omit<Connected, 'doors' | 'cleanUp'>> => {
  const log = createFeed();
  let saidSecret = false;
  const fileOf = (name: string): LogFile =>
    createLogFile(join(folder, name), {
      redact,
      onSecret: () => {
        saidSecret = true;
      },
      onStopped: (error) =>
        reporter.note(`${name} cannot be written any more, the machine runs on: ${messageOf(error)}`),
    });
  const logSocket = await waiting.get('log');
  const serialSocket = await waiting.get('serial');
  const qmpSocket = await waiting.get('qmp');
  const frames = await waiting.get(FRAMES);
  // Its end is QEMU's, which is watched.
  frames?.on('error', () => {});
  if (!serialSocket || !qmpSocket)
    throw new IngotError('machine.qemu-died', 'QEMU did not connect', { hint: OUR_FAULT });
  const console = createConsole((text) => void serialSocket.write(text), redact);
  const drained = [
    feed(serialSocket, [console, fileOf(SERIAL_LOG)]),
    ...(logSocket ? [feed(logSocket, [log, fileOf(INSTALLER_LOG)])] : []),
  ];
  const qmp = await openQmp(qmpSocket);
  const { mode, forwardSsh } = spec.network;
  const isForwarded = forwardSsh && (mode === 'isolated' || mode === 'open');
  const sshPort = isForwarded ? await forwardedPort(qmp) : undefined;
  return {
    qemu,
    qmp,
    console,
    log: { ...log, send: (line) => void logSocket?.write(`${line}\n`) },
    sshPort,
    frames,
    hasSaidSecret: () => saidSecret,
    async drain() {
      await Promise.all(drained);
    },
  };
};

/** Resolves when the other end is gone and everything has been handed on. */
const feed = (socket: Socket, sinks: readonly LogFile[]): Promise<void> => {
  const ended = Promise.withResolvers<void>();
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    for (const sink of sinks) sink.push(chunk);
  });
  // A reset when QEMU ends says nothing new: the process's end is watched.
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const sink of sinks) sink.end();
    ended.resolve();
  });
  return ended.promise;
};

/** The port QEMU has picked, from the monitor's table of user-mode connections. */
const forwardedPort = async (qmp: Qmp): Promise<number> => {
  const table = await qmp.monitor('info usernet');
  const port = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(table)?.[1];
  if (port === undefined)
    throw new IngotError('machine.no-port', 'QEMU forwards no port', {
      detail: table,
      hint: 'Has this QEMU user networking? `qemu-system-x86_64 -netdev help` has to list `user`.',
    });
  return Number(port);
};

const tooLate = (name: string, done: AbortSignal, signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const onAbort = () => reject(interrupted(signal?.reason));
    const timer = setTimeout(
      () =>
        reject(
          new IngotError('machine.start-timeout', 'QEMU did not connect to its sockets', {
            where: name,
            hint: 'Is the host very busy, or out of memory? See dmesg; then build fewer recipes at once.',
          }),
        ),
      CONNECT_LIMIT,
    );
    done.addEventListener('abort', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
