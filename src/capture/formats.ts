/**
 * The formats of the images that are delivered, as data: a further one is an entry here, and a writer where
 * qemu-img cannot.
 */
import type { DiskFormatName } from '../formats/disk-images/disk-image.ts';
import type { CaptureFormat } from '../recipe/schema.ts';

export interface ImageFormat {
  readonly extension: string;
  /** As QEMU calls it. */
  readonly format: DiskFormatName;
  /** Arguments of `qemu-img convert`. */
  readonly write: readonly string[];
  /** Whether `qemu-img check` knows its structure. */
  readonly isChecked: boolean;
}

/** Twice as quick and an eighth smaller than the default of 64 KiB. */
const CLUSTER = '1M';

export const IMAGE_FORMATS: Readonly<Record<CaptureFormat, ImageFormat>> = {
  qcow2: {
    extension: 'qcow2',
    format: 'qcow2',
    write: ['-c', '-o', `compression_type=zstd,cluster_size=${CLUSTER}`],
    isChecked: true,
  },
  raw: { extension: 'raw', format: 'raw', write: ['-S', '4k'], isChecked: false },
};
