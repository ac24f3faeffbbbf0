/** What has to be there before a machine can start, said before anything is begun. */
import { access, constants } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { toolVersion } from '../host/tools.ts';
import { systemHint } from '../system-error.ts';
import type { MachineSpec } from './spec.ts';

/** `screendump` as PNG came with it. */
const OLDEST_QEMU = '7.1';

export const requireQemu = async (
  ask: () => Promise<string> = () => toolVersion('qemu-system-x86_64'),
): Promise<void> => {
  const version = await ask();
  if (version.localeCompare(OLDEST_QEMU, 'en', { numeric: true }) >= 0) return;
  throw new IngotError('host.tool-too-old', `QEMU ${version} is too old, ${OLDEST_QEMU} is needed`, {
    hint: 'Install a newer qemu-system-x86.',
  });
};

export const requireImages = async (spec: MachineSpec): Promise<void> => {
  const written = spec.disks.filter(({ readOnly }) => !readOnly).map(({ path }) => path);
  const read = [...spec.disks.map(({ path }) => path), spec.cdrom, spec.usb, spec.kernel?.image, spec.kernel?.initrd];
  for (const path of read) if (path !== undefined) await requireAccess(spec.name, path, constants.R_OK, 'read');
  for (const path of written) await requireAccess(spec.name, path, constants.W_OK, 'write to');
};

const requireAccess = async (where: string, path: string, mode: number, purpose: string): Promise<void> => {
  await access(path, mode).catch((cause: unknown) => {
    throw new IngotError('machine.image-missing', `cannot ${purpose} ${path}`, {
      where,
      hint: systemHint(cause),
      cause,
    });
  });
};
