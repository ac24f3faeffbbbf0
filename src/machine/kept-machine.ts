/**
 * `machine.json` next to a launcher: what the machine was made of, so that Ingot can start it again (`ingot shell`).
 * Paths inside the folder are relative, credentials are left out.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { handedIn } from '../access/access.ts';
import type { BuildKeys } from '../access/key.ts';
import { IngotError } from '../errors.ts';
import { ifThere, isThere } from '../host/if-there.ts';
import { type Machine, type MachineRun, startMachine } from './machine.ts';
import { KEPT, type MachineSpec } from './spec.ts';

export interface KeptOptions {
  readonly accelerator: MachineSpec['accelerator'];
  /** They reach root, where the disk is one that the build configures. */
  readonly keys: BuildKeys;
  /** The guest writes into the kept disk for good. */
  readonly write: boolean;
}

/** The machine of a folder; nothing when none was started there, or when its first disk is gone. */
export const readKept = async (folder: string): Promise<MachineSpec | undefined> => {
  const text = await ifThere(readFile(join(folder, KEPT), 'utf8'));
  if (text === undefined) return undefined;
  const spec = parse(text, join(folder, KEPT));
  const disks = spec.disks.map((disk) => ({ ...disk, path: resolve(folder, disk.path) }));
  const [first] = disks;
  if (first === undefined || !(await isThere(first.path))) return undefined;
  return { ...spec, disks, ...(spec.cdrom === undefined ? {} : { cdrom: resolve(folder, spec.cdrom) }) };
};

/**
 * As it was, but with SSH forwarded, the disk before the medium, and going on over a restart. A machine that began with
 * its medium gets none when it writes: an installer would start again on the very disk that is to be looked at.
 */
export const startKept = async (kept: MachineSpec, options: KeptOptions, run: MachineRun): Promise<Machine> => {
  const { cdrom, ...rest } = kept;
  const wanted = options.write && kept.boot[0] === 'cdrom' ? undefined : cdrom;
  const medium = wanted !== undefined && (await isThere(wanted)) ? wanted : undefined;
  if (cdrom !== undefined && medium === undefined) run.reporter.note(`without its medium ${cdrom}`);
  const spec: MachineSpec = {
    ...rest,
    name: 'shell',
    accelerator: options.accelerator,
    ...(medium === undefined ? {} : { cdrom: medium }),
    boot: ['disk', 'cdrom'],
    network: { ...kept.network, forwardSsh: kept.network.mode !== 'none' },
    ...handedIn(options.keys),
    onReboot: 'reset',
  };
  return startMachine(spec, { ...run, throwAway: !options.write });
};

/** Ingot wrote the file itself; only a damaged one is caught. */
const parse = (text: string, where: string): MachineSpec => {
  try {
    return JSON.parse(text) as MachineSpec;
  } catch (cause) {
    throw new IngotError('machine.kept-damaged', 'the description of the machine cannot be read', {
      where,
      hint: 'launch.sh in the same folder starts the machine without this file; `launch.sh --help` lists its options.',
      cause,
    });
  }
};
