/** What a build started from, as a delivery tells of it. */
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import type { FileRef } from '../../host/files.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { SignedPackages } from '../origin/fetch-stage.ts';
import type { PackageRepository } from '../origin/package-repository.ts';

export interface DeliveredOrigin {
  /** The ISO that the recipe names. */
  readonly iso?: FileRef | undefined;
  /** Of the ISO, or of the image as it was published. */
  readonly sha256: string;
  /** What the publisher's sums said of it, where the recipe names them. */
  readonly proof?: SumsProof | undefined;
  /** Of an ISO whose packages are signed one by one: how many by which key, by fingerprint. */
  readonly signedPackages?: SignedPackages | undefined;
  /** What an assembled medium is made of. */
  readonly lock: Lock | undefined;
  /** What the recipe adds to its packages. */
  readonly added: PackageRepository | undefined;
  /** Of the recipe whose image this one begins with. */
  readonly parent?: DeliveredOrigin | undefined;
}
