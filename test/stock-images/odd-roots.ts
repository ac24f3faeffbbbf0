/** Images whose root file system is in a volume group, or behind a passphrase. They are to be read, not started. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { ROOT_START, rootSize, SECTOR, TYPES } from './disk.ts';
import type { MakeContext, Maker } from './maker.ts';
import { copyOf, deliver, odd } from './odd.ts';

/** A part of a file as a block device. */
const withLoop = async <T>(
  file: string,
  offset: number,
  size: number,
  use: (device: string) => Promise<T>,
): Promise<T> => {
  const place = ['--offset', String(offset), '--sizelimit', String(size)];
  const { stdout: device } = await run('losetup', [...place, '--find', '--show', file]);
  try {
    return await use(device);
  } finally {
    await run('losetup', ['--detach', device]);
  }
};

interface Place {
  readonly raw: string;
  readonly root: string;
  /** In bytes. */
  readonly start: number;
  readonly size: number;
}

/** The disk with another type of root partition, and what was in it as a file of 1.5 GiB. */
const takenOut = async (context: MakeContext, type: string): Promise<Place> => {
  const raw = await copyOf(context);
  const { size } = await stat(raw);
  const root = join(context.work, 'root.ext4');
  const [start, length] = [ROOT_START * SECTOR, rootSize(size) * SECTOR];
  const bounds = ['bs=1M', `skip=${start / 2 ** 20}`, `count=${length / 2 ** 20}`, 'conv=sparse', 'status=none'];
  await run('dd', [`if=${raw}`, `of=${root}`, ...bounds], { signal: context.signal });
  await run('e2fsck', ['-fp', root], { allow: [0, 1], signal: context.signal });
  await run('resize2fs', [root, '1536M'], { signal: context.signal });
  {
    await using file = await open(root, 'r+');
    await file.truncate(1536 * 2 ** 20);
  }
  await run('sfdisk', ['--quiet', '--part-type', raw, '1', type], { signal: context.signal });
  return { raw, root, start, size: length };
};

const putBack = (root: string, raw: string, offset: number, { signal }: MakeContext) =>
  run('dd', [`if=${root}`, `of=${raw}`, 'bs=1M', `seek=${offset / 2 ** 20}`, 'conv=notrunc', 'status=none'], {
    signal,
  });

const needing = (maker: Maker): Maker => ({ ...maker, needs: { ...maker.needs, host: ['root', 'loop'] } });

/** Volume group `vg`, volume `root`: made by LVM's own tools, which are not asked to start it. */
export const lvmRoot = needing(
  odd({
    from: 'mmdebstrap-nocloud',
    definition: 'a root file system in LVM',
    tools: ['lvm2', 'parted'],
    make: async (image, context) => {
      const { raw, root, start, size } = await takenOut(context, TYPES.lvm);
      await withLoop(raw, start, size, async (device) => {
        const settings = `devices { filter=["a|^${device}$|","r|.*|"] use_devicesfile=0 } activation { udev_sync=0 }`;
        const lvm = (...words: string[]) =>
          run('lvm', [...words, '--driverloaded', 'n', '--config', settings], { signal: context.signal });
        await lvm('pvcreate', '--yes', '--force', '--dataalignment', '1m', device);
        await lvm('vgcreate', 'vg', device);
        await lvm(
          'lvcreate',
          '--yes',
          '--activate',
          'n',
          '--zero',
          'n',
          '--wipesignatures',
          'n',
          '--size',
          '1536m',
          '--name',
          'root',
          'vg',
        );
      });
      // The first volume begins where the physical volume's data does: at its alignment.
      await putBack(root, raw, start + 2 ** 20, context);
      await deliver(raw, image, context);
    },
  }),
);

/** LUKS 2 with the passphrase `secret`. What is behind it is as good as random: nobody who lacks it can tell. */
export const luksRoot = needing(
  odd({
    from: 'mmdebstrap-nocloud',
    definition: 'an encrypted root file system',
    tools: ['cryptsetup-bin', 'parted'],
    make: async (image, context) => {
      const { raw, start, size } = await takenOut(context, TYPES.luks);
      await withLoop(raw, start, size, async (device) => {
        const cheap = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
        const words = ['luksFormat', '--batch-mode', '--type', 'luks2', ...cheap, '--key-file', '-', device];
        await run('cryptsetup', words, { input: 'secret', signal: context.signal });
      });
      const noise = join(context.work, 'noise');
      await run('dd', ['if=/dev/urandom', `of=${noise}`, 'bs=1M', 'count=64', 'status=none'], {
        signal: context.signal,
      });
      await putBack(noise, raw, start + 16 * 2 ** 20, context);
      await deliver(raw, image, context);
    },
  }),
);
