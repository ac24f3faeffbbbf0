/**
 * Starts an image or a medium to look at it (`ingot boot`): a machine whose disk is thrown away when it ends, with
 * the serial console on the terminal.
 */
import { join, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { DISK_FORMATS, type DiskFormatName, diskFormatOf } from '../formats/disk-images/disk-image.ts';
import { isIso } from '../formats/disk-images/iso-identifier.ts';
import { run } from '../host/run.ts';
import { systemHint } from '../system-error.ts';
import { type Machine, type MachineRun, startMachine } from './machine.ts';
import type { DiskBus, Firmware, MachineSpec, Network } from './spec.ts';

export interface BootOptions {
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly firmware: Firmware;
  readonly accelerator: 'kvm' | 'tcg';
  readonly bus: DiskBus;
  readonly network: Network['mode'];
  /** Size of the empty disk that a medium finds, in bytes. */
  readonly disk: number;
  /** An ISO in the CD drive next to a disk image, such as a seed for cloud-init. */
  readonly cdrom?: string | undefined;
  /** How the machine is recognized: by its card, and by what its firmware says. */
  readonly mac?: string | undefined;
  readonly serial?: string | undefined;
  readonly uuid?: string | undefined;
}

export type ImageKind = DiskFormatName | 'iso';

/**
 * What a file is by its content, and by a name that ends in `.raw`. Throws `machine.image-missing`,
 * `machine.image-unknown`, or what `diskFormatOf` throws.
 */
export const imageKind = async (path: string): Promise<ImageKind> => {
  try {
    const format = await diskFormatOf(path);
    if ((format === undefined || format === 'raw') && (await isIso(path))) return 'iso';
    if (format !== undefined) return format;
  } catch (cause) {
    if (cause instanceof IngotError) throw cause;
    throw new IngotError('machine.image-missing', `cannot read ${path}`, { hint: systemHint(cause), cause });
  }
  throw new IngotError('machine.image-unknown', `${path} is neither a disk image nor an ISO`, {
    hint: `Disk images are ${DISK_FORMATS.map(({ title }) => title).join(', ')}; a raw one is whole sectors of 512 bytes.`,
  });
};

/** Nothing that the guest writes is kept. A medium finds an empty disk to install to, made in `run.folder`. */
export const bootImage = async (image: string, options: BootOptions, context: MachineRun): Promise<Machine> => {
  const path = resolve(image);
  const kind = await imageKind(path);
  if (options.cdrom !== undefined) await requireSeed(options.cdrom, kind);
  const empty = join(resolve(context.folder), 'empty.qcow2');
  if (kind === 'iso') {
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', empty, String(options.disk)], { signal: context.signal });
  }
  const { bus, network, disk: _, cdrom, mac, serial, uuid, ...board } = options;
  const drive = kind === 'iso' ? path : cdrom && resolve(cdrom);
  const spec: MachineSpec = {
    ...board,
    name: 'boot',
    disks: [kind === 'iso' ? { path: empty, format: 'qcow2', bus } : { path, format: kind, bus }],
    ...(drive === undefined ? {} : { cdrom: drive }),
    boot: ['disk', 'cdrom'],
    network: {
      mode: network,
      model: 'virtio',
      forwardSsh: network !== 'none',
      ...(mac === undefined ? {} : { mac }),
    },
    system: { serial, uuid },
    onReboot: 'reset',
  };
  return startMachine(spec, { ...context, throwAway: true });
};

const requireSeed = async (cdrom: string, image: ImageKind): Promise<void> => {
  if (image === 'iso')
    throw new IngotError('machine.drive-taken', 'the ISO to start uses the CD drive itself', {
      hint: 'Leave out --cdrom: it is only for disk images.',
    });
  if ((await imageKind(cdrom)) === 'iso') return;
  throw new IngotError('machine.image-unknown', `${cdrom} is not an ISO, so it cannot be in the CD drive`, {
    hint: '`xorriso -as mkisofs -V CIDATA -J -R -o seed.iso FOLDER` makes one of a folder, here a seed for cloud-init.',
  });
};

/** Ctrl-] as in telnet(1) and virsh console: a byte that no shell or editor wants. */
const ESCAPE = 0x1d;

/** process.stdin: a terminal, or a pipe. */
export type TerminalInput = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
};

/**
 * Puts the serial console on a terminal. `onEscape` is called for Ctrl-]; all other bytes, Ctrl-C included, go to the
 * guest. Disposing gives the terminal back as it was.
 */
export const attachTerminal = (
  machine: Machine,
  input: TerminalInput,
  output: NodeJS.WritableStream,
  onEscape: () => void,
): Disposable => {
  const release = machine.console.onText((text) => void output.write(text));
  const onData = (data: Buffer): void => {
    const at = data.indexOf(ESCAPE);
    machine.console.type(at < 0 ? data : data.subarray(0, at));
    if (at >= 0) onEscape();
  };
  if (input.isTTY) input.setRawMode?.(true);
  input.on('data', onData);
  return {
    [Symbol.dispose]() {
      release();
      input.off('data', onData);
      input.pause();
      if (input.isTTY) input.setRawMode?.(false);
    },
  };
};
