/**
 * All causes for which builds stop, in the order in which they are looked for: what runs out or breaks everywhere, what
 * names its reason, and last what only names the step.
 */
import type { Cause } from '../cause.ts';
import { ANACONDA } from './anaconda.ts';
import { DEBIAN_INSTALLER } from './debian-installer.ts';
import { FIRST_BOOT } from './first-boot.ts';
import { KERNEL } from './kernel.ts';
import { PACKAGES } from './packages.ts';
import { PARTITIONING } from './partitioning.ts';
import { RESOURCES } from './resources.ts';
import { STEPS } from './steps.ts';

/** Of an installation with debian-installer. */
export const INSTALLATION: readonly Cause[] = [
  ...RESOURCES,
  ...KERNEL,
  ...DEBIAN_INSTALLER,
  ...PARTITIONING,
  ...PACKAGES,
  ...STEPS,
];

/** Of an installation with Anaconda. */
export const KICKSTART_INSTALLATION: readonly Cause[] = [...RESOURCES, ...KERNEL, ...ANACONDA, ...PACKAGES];

/** Of a boot of the installed system. */
export const BOOT: readonly Cause[] = [...RESOURCES, ...KERNEL, ...FIRST_BOOT];
