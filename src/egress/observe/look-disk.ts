/**
 * The disk of a look at an image: the image itself stays as it is. Where it can be, the build's way in is put on a copy, so that timers
 * can be started and units asked; the copy is gone with the look.
 */
import { join } from 'node:path';
import { doorCredentials } from '../../adopt/credential.ts';
import { readForeignSystem } from '../../adopt/foreign-system.ts';
import { requireAccess, writeAccess } from '../../adopt/offline.ts';
import { openGuestFiles } from '../../capture/guest-files.ts';
import { IngotError } from '../../errors.ts';
import { requireSpace } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { Disk } from '../../machine/spec.ts';
import type { ImageLooked } from './look.ts';

export interface LookDisk {
  readonly disk: Pick<Disk, 'path' | 'format'>;
  /** By the disk, by the firmware, or not at all. */
  readonly wayIn: 'offline' | 'credential' | undefined;
  /** Why there is none, in words. */
  readonly noWayIn: string | undefined;
  readonly oemStrings: readonly string[];
}

/** A unit can be handed in by the firmware since this version (systemd.system-credentials(7)). */
const EXTRA_UNITS = 256;

/** A compressed image is several times as large when it is not. */
const SPACE_SHARE = 4;

export const makeLookDisk = async (
  image: ImageLooked,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<LookDisk> => {
  const overlay = join(folder, 'overlay.qcow2');
  const onOverlay = async (backing: string, format: string): Promise<LookDisk['disk']> => {
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', format, '-b', backing, overlay], { signal });
    return { path: overlay, format: 'qcow2' };
  };
  if (image.systemd !== undefined && image.systemd >= EXTRA_UNITS)
    return {
      disk: await onOverlay(image.path, image.format),
      wayIn: 'credential',
      noWayIn: undefined,
      oemStrings: doorCredentials(),
    };
  const raw = join(folder, 'copy.raw');
  await requireSpace(folder, (image.format === 'raw' ? 1 : SPACE_SHARE) * image.allocated, 'a copy of the image');
  await run('qemu-img', ['convert', '-W', '-m', '16', '-f', image.format, '-O', 'raw', image.path, raw], { signal });
  const fault = await writtenInto(raw, signal);
  return {
    disk: await onOverlay(raw, 'raw'),
    wayIn: fault === undefined ? 'offline' : undefined,
    noWayIn: fault,
    oemStrings: [],
  };
};

/** Why the way in could not be put there; undefined when it is. */
const writtenInto = async (raw: string, signal: AbortSignal): Promise<string | undefined> => {
  try {
    const files = await openGuestFiles(raw);
    const { hasSshd, missingDrivers } = await readForeignSystem(files);
    if (!hasSshd) return 'it has no sshd';
    if (missingDrivers.length > 0) return `its kernel has no ${missingDrivers.join(', ')}`;
    await writeAccess(files, signal);
    await requireAccess(await openGuestFiles(raw));
    return undefined;
  } catch (error) {
    if (error instanceof IngotError && /^(capture\.no-system|capture\.no-partition-table|origin\.)/.test(error.code))
      return error.detail ?? error.message;
    throw error;
  }
};
