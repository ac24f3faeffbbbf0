/**
 * *trust*: every file of the captured image, from the archive's keys to what accounts for it. What is found is told; whether it stops
 * the build is the recipe's `trust.unexplained`.
 */
import { trustSystemOf } from '../../distributions/find-image.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { type OriginEvidence, originEvidence } from './origin-evidence.ts';
import { imageOf, type TrustInput, type TrustResult } from './trust-input.ts';

/** Raised when the shape of what comes out changes. */
const SHAPE = 3;

/** What vouches, without where it lies. */
const digestsOf = ({ media, vouched }: OriginEvidence) => ({
  media: media.map(({ sha256, by }) => ({ sha256, by })),
  vouched: vouched.map(({ name, version, architecture, sha256, by }) => ({ name, version, architecture, sha256, by })),
});

export const trustStage: Stage<TrustInput, TrustResult> = {
  name: 'trust',
  key: async ({ loaded, captured, states, lock, origin }) => {
    const { recipe } = loaded;
    const { lockDigest } = await import('../../distributions/debian/archive/package-lock.ts');
    return {
      shape: SHAPE,
      image: imageOf(captured).file.sha256,
      states: states.map(({ disk, by }) => ({ disk: disk.sha256, by })),
      origin: digestsOf(originEvidence(loaded, origin)),
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
