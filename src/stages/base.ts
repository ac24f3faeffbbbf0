/** *Base*: what everything after it builds on, whoever made it. *configure* knows nothing of installers. */
import type { FileRef } from '../host/files.ts';
import type { WayIn } from '../recipe/schema/origin-schema.ts';

export interface Base {
  /** A bootable disk, qcow2; never written to, only layered over. */
  readonly disk: FileRef;
  /** What the disk was installed from; stays in the drive, as a package source for the steps. */
  readonly medium?: FileRef;
  /** Of a disk that somebody else has made: how the build comes in, until its own unit is on the disk. */
  readonly adopted?: Adopted;
}

export interface Adopted {
  readonly wayIn: WayIn;
  /** What `disk` is a layer over. */
  readonly image: FileRef;
  /** For cloud-init, as a second disk. */
  readonly seed?: FileRef;
  /** For systemd, by the firmware. */
  readonly oemStrings: readonly string[];
  /** cloud-init works at the first boot, and is waited for. */
  readonly hasCloudInit: boolean;
}
