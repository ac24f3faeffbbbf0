/** The waivers of a policy, laid over what its parts found. One whose time is over is a finding itself. */
import type { Judged } from '../judgement.ts';
import { concerns, isOver, type Waiver } from '../waivers.ts';
import { type Findings, fails } from './policy-facts.ts';

export const waived = (found: Findings, waivers: readonly Waiver[], now: Date): Judged[] => {
  const open = waivers.filter((one) => !isOver(one, now));
  const over = waivers.filter((one) => isOver(one, now));
  return [
    ...found.map((one) => {
      const waiver = one.verdict === 'holds' ? undefined : open.find((each) => concerns(each, namesAndPlaces(one)));
      if (waiver === undefined) return one;
      return {
        ...one,
        verdict: 'holds' as const,
        message: `${one.message} (waived until ${waiver.until}: ${waiver.reason})`,
      };
    }),
    ...over.map(({ rule, where, reason, until }) =>
      fails(
        'waivers',
        `the waiver of ${rule} ended on ${until}: ${reason}`,
        where,
        'Mend what it was for and remove it, or decide anew until when.',
      ),
    ),
  ];
};

const namesAndPlaces = ({ rule, where }: Judged) => ({
  rules: [rule, rule.replace(/^policy\//, '')],
  places: where === undefined ? [] : [where],
});
