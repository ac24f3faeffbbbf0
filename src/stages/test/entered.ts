/**
 * A disk on which the tests get in: the image itself where its systemd takes the unit from the firmware, else a raw copy with the
 * unit written to it. The image stays as it is in either case; the copy is thrown away.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { doorCredentials } from '../../adopt/credential.ts';
import { readForeignSystem } from '../../adopt/foreign-system.ts';
import { requireAccess, writeAccess } from '../../adopt/offline.ts';
import { FAULTS } from '../../adopt/ways-in.ts';
import { convert } from '../../capture/convert.ts';
import { openGuestFiles } from '../../capture/guest-files.ts';
import { IngotError } from '../../errors.ts';
import type { DiskFormatName } from '../../formats/disk-images/disk-image.ts';
import { requireSpace } from '../../host/files.ts';
import type { Subject } from '../../inspect/subject.ts';
import type { Reporter } from '../../report.ts';

export interface Entered {
  /** What overlays lie over; it is only read. */
  readonly path: string;
  readonly format: DiskFormatName;
  /** For the firmware. */
  readonly oemStrings: readonly string[];
  /** What the image boots with. */
  readonly firmware: readonly ('bios' | 'uefi')[];
}

interface EnterContext {
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** How many times as slow the machine is as one with KVM: its systemd waits as much longer. */
  readonly factor: number;
}

/** Or why nobody gets in, in words. */
export const enter = async (
  subject: Subject,
  image: { readonly path: string; readonly format: DiskFormatName },
  { folder, reporter, signal, factor }: EnterContext,
): Promise<Entered | { readonly reason: string }> => {
  const system = await readForeignSystem(subject.files);
  const { firmware, missingDrivers, hasSshd } = system;
  if (!hasSshd) return { reason: 'it has no sshd, which the way in needs' };
  if (missingDrivers.length > 0)
    return { reason: `no kernel of it has ${missingDrivers.join(', ')}, which the way in needs` };
  if (firmware.length === 0) return { reason: 'it has no boot loader' };
  const systemd = systemdOf(subject);
  if (FAULTS.credential({ hasCloudInit: system.hasCloudInit, systemd }) === undefined)
    return { ...image, oemStrings: doorCredentials(), firmware };
  reporter.phase('way in');
  await requireSpace(folder, 4 * subject.disk.fileSize, 'a copy of the image');
  const path = join(folder, 'entered.raw');
  await convert(image, { path, format: 'raw' }, { reporter, signal });
  try {
    await writeAccess(await openGuestFiles(path), signal, factor);
    await requireAccess(await openGuestFiles(path));
  } catch (error) {
    if (!(error instanceof IngotError) || error.code !== 'origin.image-not-writable') throw error;
    await rm(path, { force: true });
    return { reason: `the way in cannot be written to a copy of it: ${error.detail ?? error.message}` };
  }
  return { path, format: 'raw', oemStrings: [], firmware };
};

const systemdOf = ({ database }: Subject): number | undefined => {
  const version = database?.packages.find(({ name }) => name === 'systemd')?.version;
  const major = /^(?:\d+:)?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
};
