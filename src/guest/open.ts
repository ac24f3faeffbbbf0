/** Waits for a guest's sshd: tries again until it answers, says what was seen when it does not. */
import { setTimeout as delay } from 'node:timers/promises';
import { NodeSSH } from 'node-ssh';
import { DOOR_SERVICE } from '../access/access.ts';
import type { BuildKey } from '../access/key.ts';
import { IngotError, interrupted, messageOf, throwIfInterrupted } from '../errors.ts';
import type { Door } from '../machine/door.ts';
import type { Reporter } from '../report.ts';
import { bannerOnDoor, bannerOnPort, type Complaint, type Unspoken } from './banner.ts';

/** By the network: a port of 127.0.0.1 that leads to the sshd of the image itself. */
export interface ByPort {
  readonly port: number;
}

/** By the hypervisor: the build's own sshd, whatever the image says of SSH, accounts and firewall. */
export interface ByDoor {
  readonly door: Door;
  /** For connections other than this session's: a door serves one connection. */
  readonly spare: readonly Door[];
}

export type ConnectOptions = Login & (ByPort | ByDoor);

interface Login {
  /** The guest's public host keys, lines `ssh-ed25519 AAAA…`. */
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
const TOLERANCE = 100;
/** One try: from the socket to the login. Slow emulated guests need seconds for the key exchange alone. */
const TRY_LIMIT = 30_000;
const BANNER_LIMIT = 10_000;
/** The key is there from power-on: a login that is refused for this long stays refused. Milliseconds. */
const REFUSAL_LIMIT = 30_000;

/** How far one try came, from nothing at all to the login. */
type Seen = Unspoken | 'banner' | 'auth' | 'broken';

const MEANING: Readonly<Record<Seen, string>> = {
  refused: 'nothing listened on the forwarded port',
  closed: 'connections were closed before sshd said anything: the guest had no network or no sshd yet',
  silent: 'connections were taken, but sshd said nothing',
  stranger: 'what answered on the forwarded port is not an SSH server',
  banner: 'sshd answered, but the key exchange did not finish',
  auth: 'sshd refused the build key',
  broken: 'the build’s own sshd does not start in the guest',
};

const MEANING_OF_DOOR: Readonly<Partial<Record<Seen, string>>> = {
  refused: 'QEMU has no way into the guest any more',
  closed: 'QEMU closed the way into the guest',
  silent: 'the guest has not opened the build’s way in',
  stranger: 'what answered on the build’s way in is not an SSH server',
};

const meaningOf = (options: ConnectOptions, seen: Seen): string =>
  ('door' in options ? MEANING_OF_DOOR[seen] : undefined) ?? MEANING[seen];

export const openConnection = async (options: ConnectOptions): Promise<NodeSSH> => {
  const { limit, signal, reporter } = options;
  const deadline = performance.now() + limit;
  let pause = FIRST_PAUSE;
  let seen: Seen | undefined;
  let complaint: string | undefined;
  let refusedSince: number | undefined;
  for (;;) {
    throwIfInterrupted(signal);
    const left = deadline - performance.now();
    // A try that is cut short at once would only hide what earlier tries have seen.
    const outcome = left > (seen ? FIRST_PAUSE : 0) ? await tryOnce(options, Math.min(left, TRY_LIMIT)) : undefined;
    if (outcome === undefined) throw timedOut(options, limit, seen, complaint);
    if (outcome instanceof NodeSSH) return outcome;
    // What the deadline has cut short hides nothing that was seen before.
    if (outcome === 'banner' && seen !== undefined && performance.now() >= deadline - TOLERANCE)
      throw timedOut(options, limit, seen, complaint);
    const before = seen;
    [seen, complaint] = typeof outcome === 'string' ? [outcome, undefined] : ['broken' as const, outcome.complaint];
    if (seen !== before) reporter.line(`waiting for SSH: ${meaningOf(options, seen)}`);
    refusedSince = seen === 'auth' || seen === 'broken' ? (refusedSince ?? performance.now()) : undefined;
    if (refusedSince !== undefined && performance.now() - refusedSince > REFUSAL_LIMIT)
      throw timedOut(options, REFUSAL_LIMIT, seen, complaint);
    const rest = deadline - performance.now();
    if (rest <= 0) throw timedOut(options, limit, seen, complaint);
    await delay(Math.min(pause, rest), undefined, signal ? { signal } : {}).catch((cause: unknown) => {
      throw interrupted(signal?.reason ?? cause);
    });
    pause = Math.min(pause * 1.5, LONGEST_PAUSE);
  }
};

const timedOut = (
  options: ConnectOptions,
  limit: number,
  seen: Seen | undefined,
  complaint: string | undefined,
): IngotError =>
  new IngotError(
    seen === 'auth' ? 'guest.auth-refused' : 'guest.ssh-timeout',
    `no SSH login within ${Math.round(limit / 1000)} s: ${seen ? meaningOf(options, seen) : 'no try finished'}`,
    {
      ...(complaint === undefined ? {} : { detail: options.redact?.(complaint) ?? complaint }),
      hint: hintFor(options, seen),
    },
  );

const hintFor = (options: ConnectOptions, seen: Seen | undefined): string => {
  if (seen === 'broken')
    return 'The build needs the guest’s /usr/sbin/sshd, unshare and nsenter: has a step removed openssh-server?';
  if ('door' in options)
    return `The image’s own SSH, accounts and firewall play no part here. serial.log and screen.png of this run show how far the guest came: does ${DOOR_SERVICE} start, and has the kernel virtio_console and qemu_fw_cfg? machine.limits.firstBoot is the limit.`;
  if (seen === 'auth')
    return 'Does the image’s sshd let this user in by key (AllowUsers, PermitRootLogin, MaxAuthTries), and is the account open (passwd -S, chage -l)?';
  return 'serial.log and screen.png of this run show how far the guest came. If it is up: does its firewall let port 22 in, and does sshd run? machine.limits.firstBoot is the limit.';
};

const tryOnce = async (options: ConnectOptions, limit: number): Promise<NodeSSH | Seen | Complaint> => {
  const started = performance.now();
  const patience = Math.min(limit, BANNER_LIMIT);
  const sock = await ('door' in options
    ? bannerOnDoor(options.door, patience, options.signal)
    : bannerOnPort(options.port, patience, options.signal));
  if (typeof sock === 'string' || 'complaint' in sock) return sock;
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
    // sshd counts the connections that have not logged in (MaxStartups): none may stay open.
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

/** sshd refuses by its answer, or by hanging up with a reason when too many keys were tried (MaxAuthTries). */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  (('level' in error && error.level === 'client-authentication') ||
    /Too many authentication failures|No supported authentication methods/i.test(error.message));

/**
 * What no other try can mend: a key that cannot be read, a word that ssh2 does not know. All else is a fault of the connection, also what
 * has no level (ssh2), reason's number (RFC 4253, 11.1) or code (node-ssh, Node): bytes that are no packet, or none that may
 * come then, at which ssh2 1.17 throws a TypeError.
 */
const isUsageError = (error: unknown): boolean =>
  !(error instanceof Error) ||
  error.name === 'AssertionError' ||
  (!('level' in error || 'code' in error) &&
    /privateKey|Invalid username|Unsupported (?:algorithm|key type)/i.test(error.message));

const blobOf = (line: string): string => line.trim().split(/\s+/)[1] ?? '';

/** Only kinds with a pinned key: a server that also has others would otherwise present one of those. */
const algorithmsOf = (hostKeys: readonly string[]) => {
  const kinds = new Set(hostKeys.map((line) => line.trim().split(/\s+/)[0]));
  const known = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const;
  const chosen = known.filter((kind) => kinds.has(kind));
  return kinds.has('ssh-rsa') ? [...chosen, 'rsa-sha2-512' as const, 'rsa-sha2-256' as const] : chosen;
};

const hostKeyDiffers = (options: ConnectOptions, presented: string | undefined): IngotError =>
  new IngotError('guest.host-key-differs', 'the SSH host key of the guest is not the expected one', {
    where: 'door' in options ? options.door.socket : `127.0.0.1:${options.port}`,
    detail: [
      ...options.hostKeys.map((line) => `pinned:    ${line}`),
      `presented: ${presented ?? 'none of these kinds'}`,
    ].join('\n'),
    hint: 'Something else answers on this port, or the guest made new host keys after its installation.',
  });
