/** Renders `vm/launch.sh.ejs`: the file that starts the machine, for Ingot and for a person alike. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import ejs from 'ejs';
import { shellQuote } from '../host/command-line.ts';
import { sha256, writeFileWhole } from '../host/files.ts';
import { projectFolder } from '../host/project.ts';
import { machineOptions, VARIABLES } from './argv.ts';
import { type Option, type OptionGroup, shellWord } from './option.ts';
import { findFirmware, freshVariables, loadProfile } from './profiles.ts';
import { KEPT, type MachineSpec } from './spec.ts';

export const LAUNCHER = 'launch.sh';

/**
 * Writes `launch.sh`, `machine.json` (kept-machine.ts), and a fresh UEFI variable store where there is UEFI, into `folder`; returns
 * the launcher's path.
 */
export const writeLauncher = async (spec: MachineSpec, folder: string): Promise<string> => {
  const profile = await loadProfile(spec.firmware);
  const firmware = await findFirmware(profile);
  if (firmware) await freshVariables(firmware, join(folder, VARIABLES));
  const near = relocated(spec, folder);
  const groups = machineOptions(near, {
    profile,
    firmware,
    variables: VARIABLES,
    credentials: Object.keys(spec.credentials ?? {}),
  });
  const path = join(folder, LAUNCHER);
  await writeFileWhole(path, await renderLauncher(spec.name, profile.about, groups), 0o755);
  const { credentials: _, ...kept } = near;
  await writeFileWhole(join(folder, KEPT), `${JSON.stringify(kept, null, 2)}\n`);
  return path;
};

/** Identifies a machine as its guest sees it: by all options, without the names of the disks' files. */
export const machineLayout = async (spec: MachineSpec): Promise<string> => {
  const profile = await loadProfile(spec.firmware);
  const groups = machineOptions(
    {
      ...spec,
      disks: spec.disks.map((disk, index) => ({ ...disk, path: `disk${index}` })),
      ...(spec.cdrom === undefined ? {} : { cdrom: 'cdrom' }),
      ...(spec.usb === undefined ? {} : { usb: 'usb' }),
    },
    {
      profile,
      firmware: await findFirmware(profile),
      variables: VARIABLES,
      credentials: Object.keys(spec.credentials ?? {}),
    },
  );
  return sha256(JSON.stringify(groups.map(({ options }) => options)));
};

export const renderLauncher = async (name: string, about: string, groups: readonly OptionGroup[]): Promise<string> => {
  const template = await readFile(join(projectFolder, 'vm', 'launch.sh.ejs'), 'utf8');
  const lines = groups.map((group) => ({ why: group.why, only: group.only, lines: group.options.map(optionLine) }));
  return ejs.render(template, { name, about, groups: lines }, { filename: 'vm/launch.sh.ejs' });
};

const optionLine = ([flag, value]: Option): string =>
  value === undefined ? shellQuote(flag) : `${flag} ${shellWord(value)}`;

/** Paths inside the machine's folder become relative, so that the folder can be moved or sent. */
const relocated = (spec: MachineSpec, folder: string): MachineSpec => {
  const near = (path: string): string => {
    const inside = relative(folder, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : `./${inside}`;
  };
  return {
    ...spec,
    disks: spec.disks.map((disk) => ({ ...disk, path: near(disk.path) })),
    ...(spec.cdrom === undefined ? {} : { cdrom: near(spec.cdrom) }),
    ...(spec.usb === undefined ? {} : { usb: near(spec.usb) }),
  };
};
