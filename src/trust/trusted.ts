/** What comes out of looking at an image. */
import type { Judgement } from '../judgement.ts';
import type { Classification } from './classes.ts';
import type { TrustRecord } from './record.ts';

export interface Trusted {
  readonly judgement: Judgement;
  readonly classification: Classification;
  readonly record: TrustRecord;
}

/** For an image of which nothing can be said. */
export const notJudged = (message: string): Trusted => ({
  judgement: {
    check: 'trust',
    verdict: 'unjudged',
    facts: [],
    found: [{ rule: 'trust/not-judged', verdict: 'unjudged', message }],
  },
  classification: { files: new Map(), missing: new Map() },
  record: { version: 1, files: {} },
});
