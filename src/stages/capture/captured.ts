/** What goes into *capture* and what comes out of it. */
import type { InstalledPackage } from '../../capture/installed-packages.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import type { FileRef } from '../../host/files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { CaptureFormat } from '../../recipe/schema.ts';
import type { Configured } from '../configure/configure-stage.ts';
import type { ObtainedImage } from '../origin/obtain-stage.ts';

export interface CaptureInput {
  readonly loaded: LoadedRecipe;
  readonly configured: Configured;
  /** The image that the build began with, where only what differs from it is wanted. */
  readonly below?: ObtainedImage | undefined;
  /** What the packages of the system come from, where the image is to be the same whenever it is made. */
  readonly lock?: Lock | undefined;
}

export interface CapturedImage {
  readonly format: CaptureFormat;
  readonly file: FileRef;
  /** What a guest sees, bytes. */
  readonly virtualSize: number;
  /** What it is a layer over. */
  readonly below?: { readonly file: string; readonly sha256: string };
  /** `sparseDigest` of it: recognizes the file in less time than `sha256sum` takes. */
  readonly dataDigest?: string;
}

export interface Captured {
  readonly images: readonly CapturedImage[];
  readonly packages: readonly InstalledPackage[];
  /** What a bill of materials is written of (`sbom/inventory.ts`), where the recipe wants one. */
  readonly inventory?: FileRef;
}
