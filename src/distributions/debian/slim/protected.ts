/** Packages that stay whatever a recipe says of slimness, each with the reason. */
import type { Recipe } from '../../../recipe/schema.ts';
import { neededByRecipe } from '../archive/implied.ts';
import type { InstalledPackages } from './installed.ts';
import { generalKernels } from './kernels.ts';

/** Without them the machine does not start again, or the build cannot go on. */
const MACHINE: readonly (readonly [RegExp, string])[] = [
  [/^(grub(2|-.*)?|shim-.*|systemd-boot(-.*)?|syslinux|extlinux)$/, 'the boot loader'],
  [/^(initramfs-tools(-core)?|dracut(-core)?|tiny-initramfs)$/, 'it makes the initramfs'],
  [/^(systemd|systemd-sysv|udev)$/, 'the system starts with it'],
  [/^openssh-server$/, 'the way in'],
  [/^(dpkg|apt)$/, 'it removes the others'],
];

/** Whether the machine itself needs it. */
export const whyForMachine = (name: string): string | undefined => MACHINE.find(([pattern]) => pattern.test(name))?.[1];

/** Only installed ones, by name. `kernel`: the release that runs. */
export const protectedPackages = (
  installed: InstalledPackages,
  recipe: Recipe,
  kernel: string,
): ReadonlyMap<string, string> => {
  const needed = new Map(neededByRecipe(recipe).map(({ name, why }) => [name, why]));
  const swapped = new Set(recipe.slim.strip.includes('cloud-kernel') ? generalKernels(installed.keys()) : []);
  const reasonFor = (name: string, essential: boolean): string | undefined => {
    if (essential) return 'dpkg counts it as essential';
    if (swapped.has(name)) return undefined;
    if (name === `linux-image-${kernel}` || name === `linux-image-unsigned-${kernel}`) return 'the kernel that runs';
    return whyForMachine(name) ?? needed.get(name);
  };
  return new Map(
    [...installed.values()].flatMap(({ name, essential }) => {
      const why = reasonFor(name, essential);
      return why === undefined ? [] : [[name, why] as const];
    }),
  );
};
