/** What goes into *capture* and what comes out of it. */
import type { InstalledPackage } from '../../capture/installed-packages.ts';
import type { FileRef } from '../../host/files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { CaptureFormat } from '../../recipe/schema.ts';
import type { Configured } from '../configure/configure-stage.ts';

export interface CaptureInput {
  readonly loaded: LoadedRecipe;
  readonly configured: Configured;
}

export interface CapturedImage {
  readonly format: CaptureFormat;
  readonly file: FileRef;
  /** What a guest sees, bytes. */
  readonly virtualSize: number;
  /** `sparseDigest` of it, by which it is known again in less time than `sha256sum` takes. */
  readonly dataDigest?: string;
}

export interface Captured {
  readonly images: readonly CapturedImage[];
  readonly packages: readonly InstalledPackage[];
}
