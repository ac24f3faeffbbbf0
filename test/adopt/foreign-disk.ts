/** A small disk that a build can begin with as far as it is read from outside; nothing on it starts. */
import { diskWith, type Files, overwrite } from '../capture/small-disk.ts';

/** What a build looks at in an image, in a system that is none. */
const SYSTEM: Files = {
  '/usr/lib/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/bin/true': elfFor(62),
  '/lib/modules/6.1.0/modules.dep':
    'kernel/drivers/char/virtio_console.ko: \nkernel/drivers/firmware/qemu_fw_cfg.ko:\n',
  '/lib/modules/6.1.0/modules.builtin': 'kernel/drivers/block/virtio_blk.ko\n',
};

/** The beginning of an ELF file; without bytes that are no text. */
export function elfFor(machine: number): string {
  return `\x7fELF\x02\x01\x01${'\0'.repeat(9)}\x03\0${String.fromCharCode(machine)}\0`;
}

export const foreignDisk = async (
  t: Parameters<typeof diskWith>[0],
  changes: Files = {},
  without: readonly string[] = [],
): Promise<string> => {
  const image = await diskWith(t, { ...SYSTEM, ...changes }, { without });
  await overwrite(image, 0, 'boot code');
  return image;
};
