/** The disk that is installed on: which one, and how it is divided. */
import { z } from 'zod';
import { guestPath, secretReference, size, text } from './field-values.ts';

export const LAYOUTS = ['plain', 'lvm', 'encrypted', 'raid1', 'automatic'] as const;

/** As Anaconda's autopart calls them. */
export const SCHEMES = ['plain', 'lvm', 'btrfs'] as const;

const selector = z.union([
  z.enum(['only', 'smallest', 'largest']),
  z.strictObject({
    id: text(/^[A-Za-z0-9_.:*?[\]-]+$/, 'a name or pattern of /dev/disk/by-id').meta({
      description: 'Name or shell pattern in /dev/disk/by-id: nvme-SAMSUNG_*.',
    }),
  }),
  z.strictObject({
    ids: z
      .array(text(/^[A-Za-z0-9_.:*?[\]-]+$/, 'a name or pattern of /dev/disk/by-id'))
      .length(2)
      .meta({ description: 'Two disks, by names or shell patterns in /dev/disk/by-id; for the layout raid1.' }),
  }),
  z.strictObject({ minSize: size.meta({ description: 'The only disk that is at least so big: 200G.' }) }),
]);

const filesystem = z.enum(['ext4']).default('ext4');

const partition = z
  .strictObject({
    mount: guestPath
      .refine(
        (path) => MOUNTABLE.test(path),
        'a mount point such as /var, /home or /srv/data (not /, /boot/efi, /etc, /usr, /dev …)',
      )
      .meta({ description: 'Mount point.' }),
    size: size.meta({ description: 'Size: 4G.' }),
    filesystem: filesystem.meta({ description: 'File system.' }),
  })
  .meta({ description: 'A partition before the root partition.' });

/** What the initramfs, the boot loaders and systemd need on the root file system stays there. */
const MOUNTABLE =
  /^\/(?!(boot\/efi|bin|dev|etc|lib|lib32|lib64|libx32|proc|root|run|sbin|sys|usr)(\/|$))[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

export const diskSchema = z
  .strictObject({
    select: selector.default('only').meta({
      description:
        'Which disk; never the install medium, and several matches are an error. The build machine has one disk.',
    }),
    layout: z.enum(LAYOUTS).default('plain').meta({
      description:
        'plain: partitions. For media only: lvm: logical volumes. encrypted: logical volumes in LUKS. raid1: all mirrored on two disks. automatic: as the installer itself divides a disk.',
    }),
    scheme: z.enum(SCHEMES).optional().meta({ description: 'What the layout automatic makes; plain when absent.' }),
    passphrase: secretReference
      .optional()
      .meta({ description: 'Of the layout encrypted; asked at each boot. On the medium in clear text.' }),
    volumeGroup: text(/^[a-zA-Z0-9_][a-zA-Z0-9_.+]{0,31}$/, 'a name of letters, digits and _ . +')
      .default('system')
      .meta({ description: 'Name of the volume group, of the layouts lvm and encrypted.' }),
    boot: size
      .default(2 ** 30)
      .meta({ description: 'Size of /boot, which the layouts other than plain have by itself; 1G when absent.' }),
    esp: size.default(256 * 2 ** 20).meta({ description: 'Size of the EFI system partition, 256M when absent.' }),
    swap: size.optional().meta({ description: 'Size of a swap partition; none when absent.' }),
    partitions: z
      .array(partition)
      .default([])
      .meta({ description: 'Partitions before the root partition, which is the last and takes the rest.' }),
    filesystem: filesystem.meta({ description: 'File system of the root partition.' }),
  })
  .prefault({})
  .meta({ description: 'Which disk, and how it is divided (GPT, for BIOS and UEFI alike).' });
