/** The machine profiles of `vm/profiles.json`: chipset and firmware, with where distributions keep OVMF. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { IngotError } from '../errors.ts';
import { isThere } from '../host/if-there.ts';
import { projectFolder } from '../host/project.ts';
import type { Firmware } from './spec.ts';

const profileSchema = z.strictObject({
  about: z.string(),
  machine: z.string(),
  firmware: z.array(z.strictObject({ code: z.string(), variables: z.string() })),
  options: z.array(z.tuple([z.string(), z.string()])).default([]),
});

const profilesSchema = z.strictObject({
  bios: profileSchema,
  uefi: profileSchema,
  'uefi-secure': profileSchema,
});

export type Profile = z.output<typeof profileSchema>;

/** Firmware code and the template of its variable store. */
export interface FirmwareFiles {
  readonly code: string;
  readonly variables: string;
}

export const loadProfile = async (firmware: Firmware): Promise<Profile> => {
  const text = await readFile(join(projectFolder, 'vm', 'profiles.json'), 'utf8');
  return profilesSchema.parse(JSON.parse(text))[firmware];
};

/** The first firmware of the profile that this host has; undefined for BIOS, which QEMU brings itself. */
export const findFirmware = async (profile: Profile): Promise<FirmwareFiles | undefined> => {
  for (const files of profile.firmware) {
    if ((await isThere(files.code)) && (await isThere(files.variables))) return files;
  }
  if (profile.firmware.length === 0) return undefined;
  throw new IngotError('machine.firmware-missing', `no OVMF on this host (${profile.about})`, {
    detail: `looked for\n${profile.firmware.map(({ code }) => `  ${code}`).join('\n')}`,
    hint: 'apt-get install ovmf, or set machine.firmware to bios.',
  });
};

/** A variable store for one machine: firmware settings and boot entries never pass from one run to the next. */
export const freshVariables = async (files: FirmwareFiles, path: string): Promise<void> => {
  await copyFile(files.variables, path);
};
