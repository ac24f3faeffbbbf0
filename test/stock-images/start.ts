/** Starts an image as a stranger's hypervisor does, and waits for what it says on the serial line. Nothing it writes is kept. */

import { bootImage } from '../../src/machine/boot.ts';
import type { DiskBus, Firmware } from '../../src/machine/spec.ts';
import { silentReporter } from '../../src/report.ts';

export interface Started {
  /** `login`: its prompt came. `stuck`: the initramfs gave up, or nothing of this came in time. `ended`: the machine did. */
  readonly how: 'login' | 'stuck' | 'ended';
  readonly seconds: number;
  /** The console's whole text. */
  readonly text: string;
}

const SIGNS = { login: /\blogin: /, stuck: /\(initramfs\)|emergency mode|Kernel panic|No bootable device/ };

export interface StartOptions {
  readonly folder: string;
  readonly firmware: Firmware;
  readonly bus?: DiskBus;
  /** Milliseconds. */
  readonly limit: number;
}

export const startUntilLogin = async (
  image: string,
  { folder, firmware, bus, limit }: StartOptions,
): Promise<Started> => {
  const began = performance.now();
  const options = { cpus: 2, memory: 2 ** 30, accelerator: 'tcg', network: 'isolated', disk: 2 ** 30 } as const;
  const run = { folder, reporter: silentReporter, throwAway: true };
  await using machine = await bootImage(image, { ...options, firmware, bus: bus ?? 'virtio' }, run);
  let text = '';
  const how = await new Promise<Started['how']>((resolve) => {
    const timer = setTimeout(() => resolve('stuck'), limit);
    machine.console.onText((chunk) => {
      text += chunk;
      if (SIGNS.login.test(text.slice(-200))) resolve('login');
      else if (SIGNS.stuck.test(text.slice(-400))) resolve('stuck');
    });
    void machine.ended.then(() => resolve('ended')).finally(() => clearTimeout(timer));
  });
  return { how, seconds: Math.round((performance.now() - began) / 1000), text };
};
