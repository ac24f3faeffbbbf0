/** One way to boot, tried in a machine without a disk: until the kernel prints the nonce, or something says no. */
import type { IngotError } from '../../errors.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import type { Firmware, MachineSpec } from '../../machine/spec.ts';
import type { Reporter } from '../../report.ts';
import { ENTRY_DIGITS, NONCE_KEY } from './test-copy.ts';
import type { TestPath } from './test-paths.ts';

export interface Attempt {
  readonly boots: boolean;
  /** The kernel's command line, or why there was none. */
  readonly detail: string;
  /** The number of the entry that its kernel was started by. */
  readonly entry?: number;
  /** The kernel has said that Secure Boot is on. */
  readonly secureBoot: boolean;
  /** A kernel ran, but what it printed of its command line has no nonce, or not all of it. */
  readonly isUnsure: boolean;
}

export interface StartOptions {
  readonly iso: string;
  readonly nonce: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** Milliseconds. */
  readonly limit: number;
  /** Of the machine: launcher, logs and pictures. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** With firmware in System Management Mode and emulated processors, one is quickest. */
export const TEST_MACHINE = { cpus: 1, memory: 2 ** 30 } as const;

/** Throws what `startMachine` throws, and `interrupted`. */
const tryPath = async (path: TestPath, options: StartOptions): Promise<Attempt> => {
  const { folder, reporter, signal } = options;
  await using machine = await startMachine(specOf(path, options), { folder, reporter, throwAway: true, signal });
  const attempt = await watch(machine, options);
  signal?.throwIfAborted();
  return attempt;
};

/** Once more where it is unsure. */
export const tryPathTwice = async (path: TestPath, options: StartOptions): Promise<Attempt> => {
  const attempt = await tryPath(path, options);
  if (!attempt.isUnsure) return attempt;
  options.reporter.line('a kernel ran without the nonce, or the serial port has lost some of it: once more');
  return tryPath(path, options);
};

export const firmwareOf = (path: TestPath): Firmware =>
  path.startsWith('uefi-secure') ? 'uefi-secure' : path.startsWith('uefi') ? 'uefi' : 'bios';

const specOf = (path: TestPath, { iso, accelerator }: StartOptions): MachineSpec => ({
  name: path,
  ...TEST_MACHINE,
  firmware: firmwareOf(path),
  accelerator,
  disks: [],
  ...(path.endsWith('cd') ? { cdrom: iso, boot: ['cdrom'] } : { usb: iso, boot: ['usb'] }),
  network: { mode: 'none', model: 'virtio', forwardSsh: false },
  onReboot: 'shutdown',
});

/** Words of firmware and boot loaders after which nothing more happens (OVMF, shim, GRUB, SYSLINUX). */
const REFUSALS =
  /BdsDxe: failed to (load|start) |No bootable (option|device)|Security Violation|bad shim signature|you need to load the kernel first|Failed to load (ldlinux|COM32)|Kernel panic - not syncing/;

/**
 * The kernel prints its command line twice: early, then with what it was compiled with. On a busy host an emulated
 * serial port loses a character now and then, so either of the two will do; this is the wait for the second, milliseconds. When
 * both have lost one, the machine is started once more.
 */
const SECOND_LINE = 3000;

const watch = async (machine: Machine, { nonce, limit }: StartOptions): Promise<Attempt> => {
  const commandLine = new RegExp(
    `(Kernel c|C)ommand line: (.*\\b${NONCE_KEY.replace('.', '\\.')}=${nonce}\\.(\\d{${ENTRY_DIGITS}})(?!\\S).*)`,
  );
  const decided = Promise.withResolvers<Attempt>();
  const timers: NodeJS.Timeout[] = [];
  let secureBoot = false;
  let hasKernel = false;
  let lastError = '';
  const boots = (detail: string, entry: number): void =>
    decided.resolve({ boots: true, detail, entry, secureBoot, isUnsure: false });
  const fails = (detail: string): void => decided.resolve({ boots: false, detail, secureBoot, isUnsure: hasKernel });
  const see = (line: string): void => {
    if (/Linux version |Kernel panic/.test(line)) hasKernel = true;
    if (/Secure boot enabled/i.test(line)) secureBoot = true;
    const [, kind, words = '', entry] = commandLine.exec(line) ?? [];
    if (kind === 'Kernel c') boots(words, Number(entry));
    else if (kind !== undefined) timers.push(setTimeout(() => boots(words, Number(entry)), SECOND_LINE));
    if (/\berror: /.test(line)) lastError = line;
    const refusal = REFUSALS.exec(line);
    if (refusal) fails([lastError, line.slice(refusal.index)].filter(Boolean).join('; ').trim());
  };
  const release = machine.console.subscribe(see, { replay: true });
  const tooLong = (): void => fails(`no kernel command line within ${Math.round(limit / 1000)} s${lastOf(machine)}`);
  timers.push(setTimeout(tooLong, limit));
  void machine.ended.then(({ reason, error }) => fails(endText(reason, error)));
  try {
    return await decided.promise;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    release();
  }
};

const lastOf = (machine: Machine): string => {
  const [last] = machine.console.last(1);
  return last === undefined ? '; the serial console has shown nothing' : `; last seen: ${last.trim()}`;
};

const endText = (reason: string, error: IngotError | undefined): string =>
  error === undefined ? `the machine has ended: ${reason}` : `the machine has ended: ${error.message}`;
