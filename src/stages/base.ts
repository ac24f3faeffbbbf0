/** *Base*: what everything after it builds on, whoever made it. *configure* knows no installer. */
import type { FileRef } from '../host/files.ts';

export interface Base {
  /** A bootable disk with the build's own way in, qcow2; never written to, only layered over. */
  readonly disk: FileRef;
  /** What the disk was installed from; stays in the drive, as a package source for the steps. */
  readonly medium: FileRef;
}
