/**
 * All causes for which builds stop, in the order in which they are looked for: what runs out or breaks everywhere, then what
 * names its reason, and last what only names the step.
 */
import type { Cause } from '../cause.ts';
import { DEBIAN_INSTALLER } from './debian-installer-causes.ts';
import { FIRST_BOOT } from './first-boot-causes.ts';
import { KERNEL } from './kernel-causes.ts';
import { PACKAGES } from './package-causes.ts';
import { PARTITIONING } from './partitioning-causes.ts';
import { RESOURCES } from './resource-causes.ts';
import { STEPS } from './step-causes.ts';

/** Of an installation with debian-installer. */
export const INSTALLATION: readonly Cause[] = [
  ...RESOURCES,
  ...KERNEL,
  ...DEBIAN_INSTALLER,
  ...PARTITIONING,
  ...PACKAGES,
  ...STEPS,
];

/** Of a boot of the installed system. */
export const BOOT: readonly Cause[] = [...RESOURCES, ...KERNEL, ...FIRST_BOOT];
