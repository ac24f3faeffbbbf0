/**
 * How the disk is divided: a BIOS boot partition and an ESP, so that one installation boots with either firmware, then
 * swap and the recipe's partitions, and root as the last one, so that it can grow.
 */
import type { Recipe } from '../schema.ts';

const MIB = 2 ** 20;

export interface PlannedPartition {
  readonly kind: 'bios-boot' | 'esp' | 'boot' | 'swap' | 'data' | 'root';
  /** Bytes; for root what it needs at least. */
  readonly size: number;
  readonly mount?: string;
  readonly filesystem?: 'ext4';
  /** A logical volume instead of a partition. */
  readonly isVolume?: boolean;
}

/** What Debian without a desktop, its kernel and its package caches take while they are installed. */
export const ROOT_MINIMUM = 1536 * MIB;
const BIOS_BOOT = MIB;
/** The smallest FAT32 file system that firmware reads everywhere is a little over 32 MiB. */
export const ESP_MINIMUM = 64 * MIB;
/** Of /var/tmp: initramfs-tools and dracut put the initramfs together there, its tree and its archive, 132 MB each for 6.1. */
export const SCRATCH_MINIMUM = 512 * MIB;
/** Both GPT copies, and for each partition its alignment and partman's counting in MB of 10^6 bytes. */
const TABLES = 2 * MIB;
const ROUNDING = 2 * MIB;

/** The partitions in the order of the disk, then the logical volumes. */
export const planPartitions = ({ answers: { disk } }: Pick<Recipe, 'answers'>): readonly PlannedPartition[] => {
  const inside: readonly PlannedPartition[] = [
    ...(disk.swap === undefined ? [] : [{ kind: 'swap' as const, size: disk.swap }]),
    ...disk.partitions.map(({ mount, size, filesystem }) => ({ kind: 'data' as const, size, mount, filesystem })),
    { kind: 'root', size: ROOT_MINIMUM, mount: '/', filesystem: disk.filesystem },
  ];
  const hasVolumes = disk.layout === 'lvm' || disk.layout === 'encrypted';
  return [
    { kind: 'bios-boot', size: BIOS_BOOT },
    { kind: 'esp', size: disk.esp, mount: '/boot/efi' },
    // A boot loader reads it before anything is unlocked or assembled.
    ...(disk.layout === 'plain'
      ? []
      : [{ kind: 'boot' as const, size: disk.boot, mount: '/boot', filesystem: 'ext4' as const }]),
    ...inside.map((partition) => (hasVolumes ? { ...partition, isVolume: true } : partition)),
  ];
};

/** The smallest disk (bytes) that the layout fits on. */
export const smallestDisk = (recipe: Pick<Recipe, 'answers'>): number =>
  planPartitions(recipe).reduce((sum, { size }) => sum + size + ROUNDING, TABLES);

/** Of a logical volume: `srv_data` for /srv/data. */
export const volumeName = ({ kind, mount = '' }: PlannedPartition): string =>
  kind === 'data' ? mount.slice(1).replaceAll(/[^a-zA-Z0-9]+/g, '_') : kind;
