/**
 * A session on the guest over SSH (RFC 4251–4254): the host key is pinned, a lost connection is an error and never a
 * success, and what a command prints passes through the redaction of secrets before anyone sees it.
 */
import type { Readable } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import { IngotError, interrupted, throwIfInterrupted } from '../errors.ts';
import { shellQuote } from '../host/command-line.ts';
import { cutLine, lastLines, lineSplitter } from '../host/lines.ts';
import { systemHint } from '../system-error.ts';
import { announced, behindMark } from './announced.ts';
import { runOnChannel } from './channel.ts';
import { beginning } from './kept-output.ts';
import { type ConnectOptions, openConnection } from './open.ts';

export type { ConnectOptions } from './open.ts';

export interface ExecOptions {
  readonly stdin?: string | Readable;
  /** Called for each line of stdout and stderr, secrets already taken out. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds. The remote process group is killed at its end. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Name of the signal that ended it, without SIG; exitCode is then 128. */
  readonly killedBy?: string;
  /** It said more than is kept: `stdout` and `stderr` are the beginning. */
  readonly isCut?: boolean;
  /** It has ended, and left a process that keeps its output open. */
  readonly isHeld?: boolean;
}

export class Session implements AsyncDisposable {
  readonly options: ConnectOptions;
  #connection: NodeSSH;
  /** Why the connection broke, when it did. */
  #broken: Error | undefined;
  #isWaiting = false;

  private constructor(options: ConnectOptions, connection: NodeSSH) {
    this.options = options;
    this.#connection = connection;
    this.#listen();
  }

  /** Waits for SSH; throws `guest.ssh-timeout`, `guest.host-key-differs`, `guest.auth-refused` or `interrupted`. */
  static async connect(options: ConnectOptions): Promise<Session> {
    return new Session(options, await openConnection(options));
  }

  /** Whether the guest restarts and has not been reached again yet. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Opens the connection again, after a reboot; `limit` in milliseconds. */
  async reconnect(limit: number): Promise<void> {
    this.#connection.dispose();
    this.#isWaiting = true;
    try {
      this.#connection = await openConnection({ ...this.options, limit });
    } finally {
      this.#isWaiting = false;
    }
    this.#listen();
  }

  /**
   * Runs a shell command line to its end. Any exit status is a result; throws `guest.connection-lost`,
   * `guest.command-timeout` or `interrupted`.
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    const signal = options.signal ?? this.options.signal;
    throwIfInterrupted(signal);
    const stopped = Promise.withResolvers<'timeout' | 'interrupted'>();
    const onAbort = () => stopped.resolve('interrupted');
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = options.timeout && setTimeout(() => stopped.resolve('timeout'), options.timeout);
    let group: string | undefined;
    const running = this.#start(command, options, (pid) => {
      group = pid;
    });
    running.catch(() => {});
    try {
      const outcome = await Promise.race([running, stopped.promise]);
      if (typeof outcome !== 'string') return outcome;
      await this.#killGroup(group);
      if (outcome === 'interrupted') throw interrupted(signal?.reason);
      throw new IngotError(
        'guest.command-timeout',
        `ran longer than ${Math.round((options.timeout ?? 0) / 1000)} s in the guest`,
        { hint: 'Give the step a longer `timeout`, or find out what it waits for.' },
      );
    } finally {
      clearTimeout(timer || undefined);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Like exec, but an exit status other than 0 is the error `guest.command-failed`. Returns stdout. */
  async check(command: string, options: ExecOptions = {}): Promise<string> {
    const result = await this.exec(command, options);
    if (result.exitCode === 0 && result.isCut)
      throw new IngotError('guest.output-too-long', 'a command in the guest printed more than is kept', {
        detail: this.redact(`$ ${command}`),
        hint: 'The answers of this guest cannot be relied on.',
      });
    if (result.exitCode === 0) return result.stdout;
    throw new IngotError('guest.command-failed', `a command in the guest ended with status ${result.exitCode}`, {
      detail: this.redact(`$ ${command}\n${result.stderr || result.stdout}`.trimEnd()),
      hint: 'Ingot itself needs this command. `ingot shell` starts the machine as it was left, to try it by hand.',
    });
  }

  /**
   * Writes a file whole: a new file in the same folder, then mv. The content travels over stdin. Users of the guest may be able to
   * write there, so the name is one that they cannot have taken before.
   */
  async writeFile(path: string, content: string | Readable, mode: string, owner = 'root:root'): Promise<void> {
    const [final, pattern] = [shellQuote(path), shellQuote(`${path}.ingot-XXXXXX`)];
    await this.check(
      `new=$(mktemp ${pattern}) && cat > "$new" && chown ${owner} "$new" && chmod ${mode} "$new" && mv -fT "$new" ${final} || { rm -f "$new"; exit 1; }`,
      { stdin: content },
    );
  }

  redact(text: string): string {
    return this.options.redact?.(text) ?? text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.dispose();
  }

  #listen(): void {
    this.#broken = undefined;
    // Without a listener the reset by a guest that dies would be an uncaught exception.
    // Each command that is being started waits for errors of the connection: with many at once that is no leak.
    this.#connection.connection?.setMaxListeners(0);
    this.#connection.connection?.on('error', (error) => {
      this.#broken = error;
    });
  }

  async #start(command: string, options: ExecOptions, onGroup: (pid: string) => void): Promise<ExecResult> {
    const { mark, line } = announced(command);
    const [stdout, stderr] = [beginning(), beginning()];
    const noise = beginning();
    const tell = (line: string) => options.onLine?.(cutLine(this.redact(line)));
    const out = lineSplitter(tell);
    const err = lineSplitter((line) => {
      stderr.add(`${line}\n`);
      tell(line);
    });
    const onStdout = behindMark(
      mark,
      noise.add,
      () => undefined,
      (text) => {
        stdout.add(text);
        out.push(text);
      },
    );
    let hasBegun = false;
    const onStderr = behindMark(
      mark,
      noise.add,
      (pid) => {
        hasBegun = true;
        onGroup(pid);
      },
      (text) => err.push(text),
    );
    let inputError: Error | undefined;
    let closeChannel = () => {};
    if (typeof options.stdin === 'object') {
      options.stdin.once('error', (error) => {
        inputError = error;
        closeChannel();
      });
    }
    const { connection } = this.#connection;
    if (connection === null) throw this.#lost(this.#broken);
    const { code, signal, isHeld } = await runOnChannel(connection, line, {
      stdin: options.stdin,
      onChannel: (channel) => {
        closeChannel = () => channel.destroy();
        if (inputError) closeChannel();
      },
      onStdout,
      onStderr,
    }).catch((cause: unknown) => {
      throw this.#lost(cause);
    });
    out.end();
    err.end();
    if (inputError)
      throw new IngotError('guest.input-failed', inputError.message, {
        hint: systemHint(inputError, 'What is sent to the guest has to stay as it is until the build has ended.'),
        cause: inputError,
      });
    // Neither status nor signal: the connection broke under the command.
    if (code === undefined && signal === undefined) throw this.#lost(this.#broken);
    if (!hasBegun) throw this.#notRun(noise.text());
    return {
      stdout: stdout.text(),
      stderr: stderr.text().replace(/\n$/, ''),
      exitCode: code ?? 128,
      ...(signal === undefined ? {} : { killedBy: signal }),
      ...(stdout.isCut() || stderr.isCut() ? { isCut: true } : {}),
      ...(isHeld ? { isHeld } : {}),
    };
  }

  #lost(cause: unknown): IngotError {
    return new IngotError('guest.connection-lost', 'the SSH connection to the guest was lost', {
      detail: cause instanceof Error ? cause.message : undefined,
      hint:
        'door' in this.options
          ? 'If a step restarts the guest, use a `reboot` step for it; serial.log shows what the guest did.'
          : 'A firewall that closes port 22, or a network that is set up again, cuts it. If a step restarts the guest, use a `reboot` step for it; serial.log shows what the guest did.',
      cause,
    });
  }

  #notRun(said: string): IngotError {
    const user = this.options.user ?? 'root';
    return new IngotError('guest.shell', `the login shell of ${user} runs no commands`, {
      detail: lastLines(this.redact(said), 12),
      hint: `Does a start file of that shell (.bashrc, .profile) end it, or is it nologin? \`getent passwd ${user}\` names it.`,
    });
  }

  async #killGroup(group: string | undefined): Promise<void> {
    if (group === undefined) return;
    const kill = `kill -TERM -- -${group} 2>/dev/null; for i in 1 2 3; do kill -0 -- -${group} 2>/dev/null || exit 0; sleep 1; done; kill -KILL -- -${group} 2>/dev/null; true`;
    const patience = new Promise<void>((resolve) => void setTimeout(resolve, 10_000).unref());
    const { connection } = this.#connection;
    const nothing = () => undefined;
    if (connection === null) return;
    await Promise.race([
      runOnChannel(connection, kill, { onStdout: nothing, onStderr: nothing }).catch(nothing),
      patience,
    ]);
  }
}
