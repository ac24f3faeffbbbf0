/** What was found and seen, as the predicate of an in-toto statement (in-toto attestation, v1): for whoever signs it. */
import type { Judgement } from '../judgement.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import type { Looked } from './judge.ts';

export const egressPredicate = ({ installed, seen }: Looked, judgement: Judgement | undefined, when: Date) => ({
  createdOn: when.toISOString(),
  catalogue: {
    entries: CATALOGUE.length,
    newestSource:
      CATALOGUE.map(({ source }) => source?.date ?? '')
        .toSorted()
        .at(-1) ?? '',
  },
  installed: installed.map(({ id, class: kind, state, because, isVerified }) => ({
    id,
    class: kind,
    state,
    because,
    isVerified,
  })),
  observed:
    seen === undefined
      ? null
      : {
          mode: seen.mode,
          milliseconds: Math.round(seen.length),
          isUp: seen.isUp,
          timers: seen.timers ?? null,
          frames: seen.frames,
          lost: seen.lost,
          flows: seen.flows,
        },
  judgement: judgement ?? null,
});
