/** What goes into *trust* and what comes out of it. */
import type { AnswerFile } from '../../answers/answer-set.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import type { FileRef } from '../../host/files.ts';
import type { Judgement } from '../../judgement.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { ConfigureStep } from '../../recipe/schema/configure-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { FileCounts } from '../../trust/report.ts';
import type { Captured, CapturedImage } from '../capture/captured.ts';
import type { Configured, KeptState } from '../configure/configure-stage.ts';
import type { DeliveredOrigin } from '../deliver/delivered-origin.ts';

/** A disk on the way to the image, and what led to it. */
export interface DiskState {
  readonly disk: FileRef;
  readonly by: string;
  /** Where this is the disk of *configure*: the disks after its first boot and its steps, as far as they were kept. */
  readonly configured?: ConfiguredOf;
}

export interface ConfiguredOf {
  /** Of the recipe. */
  readonly name: string;
  readonly steps: readonly ConfigureStep[];
  /** The oldest first. */
  readonly kept: readonly KeptState[];
}

/** The disk as *configure* left it. */
export const configuredState = (
  { name, configure: steps }: Pick<Recipe, 'name' | 'configure'>,
  { disk, checkpoints: kept = [] }: Configured,
): DiskState => ({ disk, by: `the build of ${name}`, configured: { name, steps, kept } });

export interface TrustInput {
  readonly loaded: LoadedRecipe;
  readonly captured: Captured;
  /** The oldest first. */
  readonly states: readonly DiskState[];
  /** What the packages of the system were taken by; undefined for an image of somebody else, and for an ISO. */
  readonly lock: Lock | undefined;
  /** What else the build started from: an ISO, and what recipes added. */
  readonly origin: DeliveredOrigin;
  /** What the recipe's answers write into the system. */
  readonly answers: readonly AnswerFile[];
}

export interface TrustResult {
  readonly judgement: Judgement;
  /** How many files are of each class. */
  readonly counts: FileCounts;
  /** What is delivered beside the image: all files that no package vouches for, with why they are there. */
  readonly record: FileRef;
}

/** The raw one where there is one, since it is read fastest: all have the same disk. */
export const imageOf = ({ images }: Captured): CapturedImage => {
  const image = images.find(({ format }) => format === 'raw') ?? images[0];
  if (image === undefined) throw new Error('nothing was captured');
  return image;
};
