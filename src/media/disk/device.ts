/** A disk of the host that a medium is to be written to: what it is, and why it must not be written. */
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { IngotError } from '../../errors.ts';
import { ifThere } from '../../host/if-there.ts';
import { run } from '../../host/run.ts';
import { loopsOver, openersOf } from './users.ts';

export interface BlockDevice {
  /** `/dev/sdb` */
  readonly path: string;
  /** `sdb`: what has to be typed before it is erased. */
  readonly name: string;
  readonly size: number;
  readonly model: string;
  /** Whether the kernel calls it removable or hot-pluggable, or it is on USB. */
  readonly isRemovable: boolean;
}

/** lsblk(8), `--json`; `mountpoints` since util-linux 2.37. */
const block: z.ZodType<Block> = z.lazy(() =>
  z.object({
    name: z.string(),
    path: z.string(),
    type: z.string(),
    size: z.number(),
    ro: z.boolean(),
    rm: z.boolean(),
    hotplug: z.boolean(),
    tran: z.string().nullable(),
    model: z.string().nullable(),
    pkname: z.string().nullable(),
    mountpoints: z.array(z.string().nullable()),
    children: z.array(block).optional(),
  }),
);

interface Block {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly ro: boolean;
  readonly rm: boolean;
  readonly hotplug: boolean;
  readonly tran: string | null;
  readonly model: string | null;
  readonly pkname: string | null;
  readonly mountpoints: (string | null)[];
  readonly children?: Block[] | undefined;
}

const LSBLK = '`lsblk` shows the disks of this host; one is named as in /dev/sdb.';

const COLUMNS = 'NAME,PATH,TYPE,SIZE,RO,RM,HOTPLUG,TRAN,MODEL,PKNAME,MOUNTPOINTS';

/**
 * Throws `media.not-a-device`, `media.is-a-partition`, `media.device-in-use`, `media.device-busy`, `media.device-read-only`,
 * `media.device-too-small`, and `media.not-removable` unless `force`. `needed` in bytes.
 */
export const inspectDevice = async (path: string, needed: number, { force = false } = {}): Promise<BlockDevice> => {
  const found = await lookUp(path);
  const where = found.path;
  if (found.type === 'part')
    throw new IngotError('media.is-a-partition', 'this is a partition, and a medium takes a whole disk', {
      where,
      hint: found.pkname === null ? LSBLK : `Its disk is /dev/${found.pkname}.`,
    });
  const paths = pathsOf(found);
  const loops = await Promise.all((await loopsOver(paths)).map(async (loop) => usedOf(await lookUp(loop))));
  const mounts = [...mountsOf(found), ...loops];
  if (mounts.length > 0)
    throw new IngotError('media.device-in-use', `it is in use: ${mounts.join(', ')}`, {
      where,
      hint: 'Is it the right disk? Unmount what is on it first.',
    });
  const openers = await openersOf(paths);
  if (openers.length > 0)
    throw new IngotError('media.device-busy', `it is open in ${openers.join(', ')}`, {
      where,
      hint: 'Is it the right disk? End what uses it first.',
    });
  if (found.ro)
    throw new IngotError('media.device-read-only', 'it is read-only', {
      where,
      hint: 'Is there a switch on it? A worn-out stick or card can become read-only too.',
    });
  if (found.size < needed)
    throw new IngotError('media.device-too-small', `it has ${found.size} bytes, the medium needs ${needed}`, {
      where,
      hint: 'Take a larger one; `ingot media inspect ISO` says how large the medium is.',
    });
  const isRemovable = found.rm || found.hotplug || found.tran === 'usb';
  if (!isRemovable && !force)
    throw new IngotError('media.not-removable', 'the disk is not removable', {
      where,
      detail: described(found),
      hint: 'If it is the right one anyway: --force.',
    });
  const { name, size } = found;
  return { path: found.path, name, size, model: found.model?.trim() ?? '', isRemovable };
};

const lookUp = async (path: string): Promise<Block> => {
  const info = await ifThere(stat(path));
  if (info === undefined)
    throw new IngotError('media.not-a-device', 'there is no such device', { where: path, hint: LSBLK });
  if (!info.isBlockDevice())
    throw new IngotError('media.not-a-device', 'this is not a disk', {
      where: path,
      hint: LSBLK,
    });
  const { stdout } = await run('lsblk', ['--json', '--bytes', '--output', COLUMNS, path], {
    hint: 'lsblk is in the package util-linux.',
  });
  const { blockdevices } = z.object({ blockdevices: z.array(block) }).parse(JSON.parse(stdout));
  const [found] = blockdevices;
  if (!found) throw new IngotError('media.not-a-device', 'lsblk knows no such disk', { where: path, hint: LSBLK });
  return found;
};

/** `/dev/sdb1 on /mnt`, `/dev/sdb2 as swap`, of the disk and all that lies on it. */
const mountsOf = ({ path, mountpoints, children = [] }: Block): string[] => [
  ...mountpoints
    .filter((mount) => mount !== null && mount !== '')
    .map((mount) => (mount === '[SWAP]' ? `${path} as swap` : `${path} on ${mount}`)),
  ...children.flatMap(mountsOf),
];

const pathsOf = ({ path, children = [] }: Block): string[] => [path, ...children.flatMap(pathsOf)];

/** A loop device counts as a use: somebody has set it up to read or write. */
const usedOf = (loop: Block): string => {
  const mounts = mountsOf(loop);
  return mounts.length > 0 ? mounts.join(', ') : `${loop.path} lies over it`;
};

const described = ({ path, size, model, tran }: Block): string =>
  [path, `${size} bytes`, model?.trim(), tran]
    .filter((word) => word !== null && word !== undefined && word !== '')
    .join(', ');
