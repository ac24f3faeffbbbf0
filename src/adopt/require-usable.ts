/** Whether the build can begin with a system that is on a disk: each reason why not has a name. */
import { IngotError } from '../errors.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { ForeignSystem } from './foreign-system.ts';

/** EM_X86_64 (elf(5)). */
const ELF_MACHINES: Readonly<Record<Recipe['os']['arch'], number>> = { amd64: 62 };

/** For logs, keys and the first steps; bytes. */
const LEAST_FREE = 32 * 2 ** 20;

export interface UsedAs {
  readonly image: string;
  readonly recipe: Pick<Recipe, 'os'> & { readonly machine: Pick<Recipe['machine'], 'firmware'> };
  /** Whether the disk is made larger. */
  readonly grows: boolean;
}

/**
 * Throws `origin.image-architecture`, `origin.image-no-boot-loader`, `origin.image-no-driver`, `origin.image-no-sshd` or
 * `origin.image-full`.
 */
export const requireUsable = (system: ForeignSystem, { image, recipe: { os, machine }, grows }: UsedAs): void => {
  const where = image;
  if (system.elfMachine !== undefined && system.elfMachine !== ELF_MACHINES[os.arch])
    throw new IngotError('origin.image-architecture', `the image is not for ${os.arch}`, {
      where,
      detail: `its programs are for the ELF machine ${system.elfMachine}; ${os.arch} is ${ELF_MACHINES[os.arch]}`,
      hint: `Take the publisher's image for ${os.arch}.`,
    });
  if (!system.firmware.includes(machine.firmware))
    throw new IngotError('origin.image-no-boot-loader', `the image has no boot loader for ${machine.firmware}`, {
      where,
      hint:
        system.firmware.length > 0
          ? `It boots by ${system.firmware.join(' and ')}: \`machine: {firmware: ${system.firmware[0]}}\`.`
          : 'Is it the image of a whole machine? A root file system alone cannot be started.',
    });
  if (system.missingDrivers.length > 0)
    throw new IngotError('origin.image-no-driver', `no kernel of the image has ${system.missingDrivers.join(', ')}`, {
      where,
      hint: 'The build machine has virtio devices, and the build gets in through virtio_console and qemu_fw_cfg. Take an image with a kernel for virtual machines or for all hardware.',
    });
  if (!system.hasSshd)
    throw new IngotError('origin.image-no-sshd', 'the image has no sshd', {
      where,
      hint: 'The build starts its own sshd from the image’s openssh-server. Take an image that has it.',
    });
  if (!grows && system.freeBytes < LEAST_FREE)
    throw new IngotError('origin.image-full', 'the root file system of the image is full', {
      where,
      detail: `${Math.floor(system.freeBytes / 2 ** 20)} MiB are free`,
      hint: 'Give it a larger disk: `machine: {disk: 8G}`.',
    });
};
