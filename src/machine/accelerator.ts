/**
 * Whether KVM can be trusted on this host. A device node proves nothing: under some nested hypervisors KVM starts,
 * runs the firmware, and hangs at every real kernel. So a tiny guest (`vm/probe.S`) has to answer first.
 */
import { constants } from 'node:fs';
import { access, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { IngotError, messageOf } from '../errors.ts';
import { temporaryFolder, writeFileWhole } from '../host/files.ts';
import { projectFolder } from '../host/project.ts';
import { run } from '../host/run.ts';
import { toolVersion } from '../host/tools.ts';
import type { Reporter } from '../report.ts';

export interface Accelerator {
  readonly accelerator: 'kvm' | 'tcg';
  /** Limits that are meant for KVM are multiplied by this. */
  readonly factor: number;
}

/** How the try ended, and what QEMU said, if anything. */
export interface Verdict {
  readonly outcome: 'works' | 'no-device' | 'no-permission' | 'died' | 'hung';
  readonly detail: string;
}

export interface ProbeContext {
  /** Where the verdict is remembered: it holds until the host boots again or QEMU changes. */
  readonly cacheFolder: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  /** Tries again, whatever is remembered. */
  readonly isFresh?: boolean;
  /** Replaces the try, for tests. */
  readonly tryKvm?: (signal: AbortSignal | undefined) => Promise<Verdict>;
}

/** An installation under TCG takes about six times as long as under KVM. */
const TCG_FACTOR = 6;
/** The probe takes a quarter of a second where KVM works; milliseconds. */
const PROBE_LIMIT = 5000;
const ANSWER = 99;
const DEVICE = '/dev/kvm';

/** Throws `machine.kvm-unusable` only when the recipe demands KVM. */
export const probeAccelerator = async (wanted: 'auto' | 'kvm' | 'tcg', context: ProbeContext): Promise<Accelerator> => {
  if (wanted === 'tcg') return { accelerator: 'tcg', factor: TCG_FACTOR };
  const verdict = await kvmVerdict(context);
  if (verdict.outcome === 'works') return { accelerator: 'kvm', factor: 1 };
  if (wanted === 'kvm') {
    throw new IngotError('machine.kvm-unusable', `KVM is asked for, but ${REASONS[verdict.outcome]}`, {
      detail: verdict.detail,
      hint: HINTS[verdict.outcome],
    });
  }
  context.reporter.note(
    `KVM is not used: ${REASONS[verdict.outcome]}${verdict.detail === '' ? '' : ` (${verdict.detail.split('\n')[0]})`}. ` +
      `TCG emulates instead: slower, limits ×${TCG_FACTOR}. ${HINTS[verdict.outcome]}`,
  );
  return { accelerator: 'tcg', factor: TCG_FACTOR };
};

type Failure = Exclude<Verdict['outcome'], 'works'>;

const REASONS: Record<Failure, string> = {
  'no-device': `this host has no ${DEVICE}`,
  'no-permission': `${DEVICE} may not be opened by this user`,
  died: 'QEMU died with it',
  hung: `its test guest gave no answer within ${PROBE_LIMIT / 1000} s`,
};

const HINTS: Record<Failure, string> = {
  'no-device': 'On a physical host load kvm_intel or kvm_amd; in a virtual one, switch on nested virtualization.',
  'no-permission': 'Join the group of the device (usually kvm) and log in again.',
  died: 'Most often the host is itself a virtual machine with incomplete nested virtualization.',
  hung: 'Most often the host is itself a virtual machine with incomplete nested virtualization. `ingot doctor` tries again.',
};

const kvmVerdict = async (context: ProbeContext): Promise<Verdict> => {
  const missing = await deviceProblem();
  if (missing && !context.tryKvm) return missing;
  const key = `${(await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()} ${await toolVersion('qemu-system-x86_64')}`;
  const path = join(context.cacheFolder, 'accelerator.json');
  const known = context.isFresh ? undefined : await remembered(path, key);
  if (known) return known;
  const verdict = await (context.tryKvm ?? tryKvm)(context.signal);
  await writeFileWhole(path, `${JSON.stringify({ key, verdict })}\n`);
  return verdict;
};

const deviceProblem = async (): Promise<Verdict | undefined> => {
  try {
    await access(DEVICE, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { outcome: isMissing ? 'no-device' : 'no-permission', detail: '' };
  }
};

const rememberedSchema = z.strictObject({
  key: z.string(),
  verdict: z.strictObject({
    outcome: z.enum(['works', 'no-device', 'no-permission', 'died', 'hung']),
    detail: z.string(),
  }),
});

/** When it cannot be read, for any reason, KVM is tried again. */
const remembered = async (path: string, key: string): Promise<Verdict | undefined> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const known = rememberedSchema.parse(JSON.parse(text));
    return known.key === key ? known.verdict : undefined;
  } catch {
    return undefined;
  }
};

/** The boot sector, from its hexadecimal text. */
export const probeGuest = async (): Promise<Buffer> =>
  Buffer.from((await readFile(join(projectFolder, 'vm', 'probe.hex'), 'utf8')).replaceAll('\n', ''), 'hex');

/** Command line of the try: board, processor and sandbox as in a real machine. */
export const probeArguments = (accelerator: 'kvm' | 'tcg', image: string): string[] => [
  ...['-no-user-config', '-nodefaults', '-display', 'none'],
  ...['-machine', 'q35,vmport=off,smm=off'],
  ...['-accel', accelerator],
  ...['-cpu', accelerator === 'kvm' ? 'host' : 'max'],
  ...['-m', 'size=256M'],
  ...['-drive', `if=none,id=disk,format=raw,readonly=on,file=${image.replaceAll(',', ',,')}`],
  ...['-device', 'virtio-blk-pci,drive=disk,bootindex=1'],
  ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
  ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
  '-no-reboot',
];

const tryKvm = (signal: AbortSignal | undefined): Promise<Verdict> => tryAccelerator('kvm', signal);

/** Runs the tiny guest. The accelerator is a parameter so that the guest itself can be proved with TCG. */
export const tryAccelerator = async (
  accelerator: 'kvm' | 'tcg',
  signal: AbortSignal | undefined,
  limit = PROBE_LIMIT,
): Promise<Verdict> => {
  await using folder = await temporaryFolder('ingot-probe-');
  const image = join(folder.path, 'probe.img');
  await writeFile(image, await probeGuest());
  // SeaBIOS does not see a disk that is smaller than a cylinder.
  await truncate(image, 2 ** 20);
  try {
    const { exitCode, stderr } = await run('qemu-system-x86_64', probeArguments(accelerator, image), {
      timeout: limit,
      allow: [ANSWER],
      signal,
    });
    return exitCode === ANSWER ? { outcome: 'works', detail: '' } : { outcome: 'died', detail: stderr };
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    if (error.code === 'host.command-timeout') return { outcome: 'hung', detail: '' };
    if (error.code !== 'host.command-failed') throw error;
    return { outcome: 'died', detail: lastWords(error) };
  }
};

const lastWords = (error: IngotError): string =>
  (error.detail ?? messageOf(error))
    .split('\n')
    .find((line) => /error|failed|cannot/i.test(line) && !line.startsWith('$')) ?? messageOf(error);
