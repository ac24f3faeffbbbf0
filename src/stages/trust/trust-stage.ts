/**
 * *trust*: every file of the captured image, from the archive's keys to what accounts for it. What is found is told; whether it stops
 * the build is the recipe's `trust.unexplained`.
 */
import type { AnswerFile } from '../../answers/answer-set.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import { trustSystemOf } from '../../distributions/find-image.ts';
import type { FileRef } from '../../host/files.ts';
import type { Judgement } from '../../judgement.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Captured, CapturedImage } from '../capture/captured.ts';

/** A disk on the way to the image, and what led to it. */
export interface DiskState {
  readonly disk: FileRef;
  readonly by: string;
}

export interface TrustInput {
  readonly loaded: LoadedRecipe;
  readonly captured: Captured;
  /** The oldest first. */
  readonly states: readonly DiskState[];
  /** What the packages of the system were taken by; undefined for an image of somebody else. */
  readonly lock: Lock | undefined;
  /** What the recipe's answers write into the system. */
  readonly answers: readonly AnswerFile[];
}

export interface TrustResult {
  readonly judgement: Judgement;
  /** What is delivered beside the image: all files that no package vouches for, with why they are there. */
  readonly record: FileRef;
}

/** Raised when the shape of what comes out changes. */
const SHAPE = 1;

export const trustStage: Stage<TrustInput, TrustResult> = {
  name: 'trust',
  key: async ({ loaded: { recipe }, captured, states, lock }) => {
    const { lockDigest } = await import('../../distributions/debian/archive/package-lock.ts');
    return {
      shape: SHAPE,
      image: imageOf(captured).file.sha256,
      states: states.map(({ disk, by }) => ({ disk: disk.sha256, by })),
      lock: lock === undefined ? null : lockDigest(lock),
      rules: (await trustSystemOf(recipe))?.version ?? null,
      accounts: recipe.answers.users.map(({ name }) => name),
      unexplained: recipe.trust.unexplained,
    };
  },
  async run(input, context) {
    const { lookAtFiles } = await import('./trust-run.ts');
    return await lookAtFiles(input, context);
  },
};

/** The raw one where there is one, since it is read fastest: all have the same disk. */
export const imageOf = ({ images }: Captured): CapturedImage => {
  const image = images.find(({ format }) => format === 'raw') ?? images[0];
  if (image === undefined) throw new Error('nothing was captured');
  return image;
};
