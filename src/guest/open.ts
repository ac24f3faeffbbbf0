/** Waiting for a guest's sshd: tries again until it answers, says what was seen when it does not. */
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { NodeSSH } from 'node-ssh';
import { IngotError, interrupted, messageOf, throwIfInterrupted } from '../errors.ts';
import type { Reporter } from '../report.ts';
import type { BuildKey } from './key.ts';

export interface ConnectOptions {
  /** Port of 127.0.0.1 that leads to the guest's sshd. */
  readonly port: number;
  /** The guest's public host keys, lines `ssh-ed25519 AAAA…`, learned during the installation. */
  readonly hostKeys: readonly string[];
  readonly key: BuildKey;
  /** Login name; root when absent. */
  readonly user?: string;
  /** Milliseconds until SSH has to work. */
  readonly limit: number;
  /** Takes secrets out of what the guest prints. */
  readonly redact?: (text: string) => string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 3_000;
/** One try: from the socket to the login. Slow emulated guests need seconds for the key exchange alone. */
const TRY_LIMIT = 30_000;
const BANNER_LIMIT = 10_000;
/** Bytes. */
const MOST_BEFORE_BANNER = 4096;
/** The key is there from power-on: what is refused for so long stays refused. Milliseconds. */
const REFUSAL_LIMIT = 30_000;

/** How far one try came, from nothing at all to the door. */
type Seen = 'refused' | 'closed' | 'silent' | 'stranger' | 'banner' | 'auth';

const MEANING: Readonly<Record<Seen, string>> = {
  refused: 'nothing listened on the forwarded port',
  closed: 'connections were closed before sshd said anything: the guest had no network or no sshd yet',
  silent: 'connections were taken, but sshd said nothing',
  stranger: 'what answered on the forwarded port is no SSH server',
  banner: 'sshd answered, but the key exchange did not come to an end',
  auth: 'sshd refused the build key',
};

export const openConnection = async (options: ConnectOptions): Promise<NodeSSH> => {
  const { limit, signal, reporter } = options;
  const deadline = performance.now() + limit;
  let pause = FIRST_PAUSE;
  let seen: Seen | undefined;
  let refusedSince: number | undefined;
  for (;;) {
    throwIfInterrupted(signal);
    const left = deadline - performance.now();
    // A try that is cut short at once would only hide what the ones before have seen.
    const outcome = left > (seen ? FIRST_PAUSE : 0) ? await tryOnce(options, Math.min(left, TRY_LIMIT)) : undefined;
    if (outcome === undefined) throw timedOut(limit, seen);
    if (typeof outcome !== 'string') return outcome;
    if (outcome !== seen) reporter.line(`waiting for SSH: ${MEANING[outcome]}`);
    seen = outcome;
    refusedSince = outcome === 'auth' ? (refusedSince ?? performance.now()) : undefined;
    if (refusedSince !== undefined && performance.now() - refusedSince > REFUSAL_LIMIT)
      throw timedOut(REFUSAL_LIMIT, seen);
    const rest = deadline - performance.now();
    if (rest <= 0) throw timedOut(limit, seen);
    await delay(Math.min(pause, rest), undefined, signal ? { signal } : {}).catch((cause: unknown) => {
      throw interrupted(signal?.reason ?? cause);
    });
    pause = Math.min(pause * 1.5, LONGEST_PAUSE);
  }
};

const timedOut = (limit: number, seen: Seen | undefined): IngotError =>
  new IngotError(
    seen === 'auth' ? 'guest.auth-refused' : 'guest.ssh-timeout',
    `no SSH login within ${Math.round(limit / 1000)} s: ${seen ? MEANING[seen] : 'no try came to an end'}`,
    {
      hint:
        seen === 'auth'
          ? 'The guest did not take the key from the hypervisor; is the build access of the install hooks in place, and root login allowed?'
          : 'serial.log and screen.png of this run show how far the guest came; machine.limits.firstBoot is the limit.',
    },
  );

const tryOnce = async (options: ConnectOptions, limit: number): Promise<NodeSSH | Seen> => {
  const started = performance.now();
  const sock = await socketWithBanner(options.port, Math.min(limit, BANNER_LIMIT), options.signal);
  if (typeof sock === 'string') return sock;
  const pinned = new Set(options.hostKeys.map(blobOf));
  let differs: string | undefined;
  const ssh = new NodeSSH();
  const onAbort = () => ssh.dispose();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await ssh.connect({
      sock,
      username: options.user ?? 'root',
      privateKey: options.key.privateKey,
      readyTimeout: Math.max(1, limit - (performance.now() - started)),
      keepaliveInterval: 15_000,
      keepaliveCountMax: 8,
      algorithms: { serverHostKey: algorithmsOf(options.hostKeys) },
      hostVerifier: (presented: Buffer) => {
        if (pinned.has(presented.toString('base64'))) return true;
        differs = presented.toString('base64');
        return false;
      },
    });
  } catch (error) {
    // sshd counts the connections that have not logged in (MaxStartups): none may be left behind.
    ssh.dispose();
    sock.destroy();
    if (options.signal?.aborted) throw interrupted(options.signal.reason);
    if (differs !== undefined) throw hostKeyDiffers(options, differs);
    if (/no matching host key/i.test(messageOf(error))) throw hostKeyDiffers(options, undefined);
    if (isUsageError(error)) throw error;
    return isRefusal(error) ? 'auth' : 'banner';
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
};

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'level' in error && error.level === 'client-authentication';

/** What goes wrong on the wire has a level (ssh2) or a code (node-ssh); the rest, such as an unreadable key, stays. */
const isUsageError = (error: unknown): boolean =>
  !(error instanceof Error) || !('level' in error || ('code' in error && error.code === 'ETIMEDOUT'));

const blobOf = (line: string): string => line.trim().split(/\s+/)[1] ?? '';

/** Only kinds of which a key is pinned: a server that also has others would otherwise present one of those. */
const algorithmsOf = (hostKeys: readonly string[]) => {
  const kinds = new Set(hostKeys.map((line) => line.trim().split(/\s+/)[0]));
  const known = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const;
  const chosen = known.filter((kind) => kinds.has(kind));
  return kinds.has('ssh-rsa') ? [...chosen, 'rsa-sha2-512' as const, 'rsa-sha2-256' as const] : chosen;
};

const hostKeyDiffers = ({ hostKeys, port }: ConnectOptions, presented: string | undefined): IngotError =>
  new IngotError('guest.host-key-differs', 'the guest does not have the SSH host key that its installation reported', {
    where: `127.0.0.1:${port}`,
    detail: [...hostKeys.map((line) => `pinned:    ${line}`), `presented: ${presented ?? 'none of these kinds'}`].join(
      '\n',
    ),
    hint: 'Something else answers on this port, or the guest made new host keys after its installation.',
  });

/**
 * A socket on which the server has said its first bytes (RFC 4253, 4.2); they are put back. QEMU accepts for the
 * guest, so a connection alone proves nothing.
 */
const socketWithBanner = (port: number, limit: number, signal: AbortSignal | undefined): Promise<Socket | Seen> =>
  new Promise((resolve) => {
    const socket = connectSocket({ host: '127.0.0.1', port });
    const finish = (outcome: Socket | Seen) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      // A late reset must not be an uncaught exception.
      socket.on('error', () => {});
      if (outcome !== socket) socket.destroy();
      resolve(outcome);
    };
    const onAbort = () => finish('closed');
    const timer = setTimeout(() => finish(said.length > 0 ? 'stranger' : 'silent'), limit);
    signal?.addEventListener('abort', onAbort, { once: true });
    let said = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      said = Buffer.concat([said, bytes]);
      // A server may say other lines before.
      const isSsh = /^SSH-/m.test(said.toString('latin1'));
      if (!isSsh && said.length > MOST_BEFORE_BANNER) finish('stranger');
      if (!isSsh) return;
      socket.off('data', onData);
      socket.pause();
      socket.unshift(said);
      finish(socket);
    };
    socket.on('data', onData);
    socket.once('close', () => finish(said.length > 0 ? 'stranger' : 'closed'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : 'closed'),
    );
  });
