/** Whether a BIOS finds anything to start on a disk: boot code is in bytes 0 to 439 of the first sector (UEFI specification, 5.2.3). */
import { open } from 'node:fs/promises';

export const hasBootCode = async (image: string): Promise<boolean> => {
  await using handle = await open(image, 'r');
  const { buffer } = await handle.read(Buffer.alloc(440), 0, 440, 0);
  return buffer.some((byte) => byte !== 0);
};
