/** What comes out of looking at an image. */
import type { Judgement } from '../judgement.ts';
import type { Classification } from './classes.ts';
import type { TrustRecord } from './record.ts';

export interface Trusted {
  readonly judgement: Judgement;
  readonly classification: Classification;
  readonly record: TrustRecord;
}
