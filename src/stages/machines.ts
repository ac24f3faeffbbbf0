/** The build machine of a recipe, as the install and configure stages start it. */

import { toolVersion } from '../host/tools.ts';
import type { Accelerator } from '../machine/accelerator.ts';
import { probeAccelerator } from '../machine/accelerator.ts';
import { type Disk, LOG_PORT, type MachineSpec } from '../machine/spec.ts';
import type { Json, ResumeContext, StageContext } from '../pipeline/stage.ts';
import type { Recipe } from '../recipe/schema.ts';

/** The part of the machine that an installer or a service sees and may write down. */
export const machineKey = async ({ machine }: Recipe): Promise<Json> => ({
  cpus: machine.cpus,
  memory: machine.memory,
  disk: machine.disk,
  firmware: machine.firmware,
  network: machine.network,
  qemu: await toolVersion('qemu-system-x86_64'),
});

export const acceleratorOf = (recipe: Recipe, { shared, reporter, signal }: ResumeContext): Promise<Accelerator> =>
  probeAccelerator(recipe.machine.accelerator, { cacheFolder: shared('host'), reporter, signal });

/** The phase of a machine that is not started yet. */
export const WAITS_FOR_ROOM = 'wait for room on the host';

/** Room on the host for a machine of this size, for as long as it runs. */
export const roomFor = (
  { cpus, memory }: Pick<MachineSpec, 'cpus' | 'memory'>,
  { slots, reporter, signal }: StageContext,
): Promise<Disposable> => slots.take({ cpus, memory }, { signal, onWait: () => reporter.phase(WAITS_FOR_ROOM) });

export interface MachineParts {
  readonly name: string;
  readonly accelerator: Accelerator;
  /** Other than the recipe's. */
  readonly cpus?: number;
  readonly disk: Disk;
  /** After it. */
  readonly furtherDisks?: readonly Disk[];
  readonly cdrom?: string | undefined;
  readonly oemStrings?: readonly string[] | undefined;
  readonly boot: MachineSpec['boot'];
  readonly forwardSsh: boolean;
  readonly doors?: number;
  readonly credentials?: Readonly<Record<string, string>>;
  readonly onReboot: MachineSpec['onReboot'];
}

export const machineOf = ({ machine }: Recipe, parts: MachineParts): MachineSpec => ({
  name: parts.name,
  cpus: parts.cpus ?? machine.cpus,
  memory: machine.memory,
  firmware: machine.firmware,
  accelerator: parts.accelerator.accelerator,
  disks: [parts.disk, ...(parts.furtherDisks ?? [])],
  ...(parts.cdrom === undefined ? {} : { cdrom: parts.cdrom }),
  ...(parts.oemStrings === undefined || parts.oemStrings.length === 0 ? {} : { oemStrings: parts.oemStrings }),
  boot: parts.boot,
  network: { mode: machine.network, model: 'virtio', forwardSsh: parts.forwardSsh },
  logPort: LOG_PORT,
  onReboot: parts.onReboot,
  ...(parts.doors === undefined ? {} : { doors: parts.doors }),
  ...(parts.credentials === undefined ? {} : { credentials: parts.credentials }),
});
