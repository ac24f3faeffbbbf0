/** Guests of one boot sector, built from a few instructions: enough to print, to write, and to end in every way. */
import { truncate, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MachineRun } from '../../src/machine/machine.ts';
import type { MachineSpec } from '../../src/machine/spec.ts';
import { silentReporter } from '../../src/report.ts';

/** mov al, C; mov dx, 0x3f8; out dx, al */
const print = (text: string): number[] =>
  [...Buffer.from(text)].flatMap((byte) => [0xb0, byte, 0xba, 0xf8, 0x03, 0xee]);

const ACTIONS = {
  /** q35's ACPI PM1a control, as SeaBIOS sets it: sleep type 0, sleep enable. */
  'power-off': [0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef],
  /** Reset control register. */
  reset: [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee],
  nothing: [],
  /** int 13h: writes the sector at 0000:7c00 to sector 2 of the first disk. */
  write: [0xb8, 0x01, 0x03, 0xb9, 0x02, 0x00, 0xba, 0x80, 0x00, 0xbb, 0x00, 0x7c, 0xcd, 0x13],
  /** The same to sector 32, which is in another page of the disk's file. */
  'write far': [0xb8, 0x01, 0x03, 0xb9, 0x20, 0x00, 0xba, 0x80, 0x00, 0xbb, 0x00, 0x7c, 0xcd, 0x13],
  /** Sends back what it receives on the serial port, for ever. */
  echo: [0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf8, 0xba, 0xf8, 0x03, 0xec, 0xee, 0xeb, 0xf1],
} as const;

const HANG = [0xf4, 0xeb, 0xfd];

export type Action = keyof typeof ACTIONS;

/** A raw disk of 1 MiB whose boot sector prints `text` on the serial port and then does what it is told. */
export const writeGuest = async (path: string, text: string, ...actions: readonly Action[]): Promise<string> => {
  const code = [...print(text), ...actions.flatMap((action) => [...ACTIONS[action]]), ...HANG];
  if (code.length > 510) throw new Error(`${code.length} bytes are too many for a boot sector`);
  const sector = Buffer.alloc(512);
  sector.set(code);
  sector.set([0x55, 0xaa], 510);
  await writeFile(path, sector);
  await truncate(path, 2 ** 20);
  return path;
};

export const guestSpec = (disk: string, more: Partial<MachineSpec> = {}): MachineSpec => ({
  name: 'test',
  cpus: 1,
  memory: 64 * 2 ** 20,
  firmware: 'bios',
  accelerator: 'tcg',
  disks: [{ path: disk, format: 'raw', bus: 'virtio' }],
  boot: ['disk'],
  network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
  logPort: 'org.ingot.log.0',
  onReboot: 'shutdown',
  ...more,
});

export const guestRun = (folder: string, more: Partial<MachineRun> = {}): MachineRun => ({
  folder,
  reporter: silentReporter,
  ...more,
});

export const until = async (condition: () => boolean | Promise<boolean>, limit = 10_000): Promise<boolean> => {
  const end = Date.now() + limit;
  while (Date.now() < end) {
    if (await condition()) return true;
    await sleep(50);
  }
  return false;
};
