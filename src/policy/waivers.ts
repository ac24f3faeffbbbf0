/** Findings that may stay for a while. One whose time is over waives nothing, and is a finding itself. */
import type { Judged } from '../judgement.ts';
import { matchesName } from './patterns.ts';
import { type Findings, fails } from './policy-facts.ts';
import type { Waiver } from './policy-schema.ts';

export const waived = (found: Findings, waivers: readonly Waiver[], now: Date): Judged[] => {
  const today = now.toISOString().slice(0, 10);
  const open = waivers.filter(({ until }) => until >= today);
  const over = waivers.filter(({ until }) => until < today);
  return [
    ...found.map((one) => {
      const waiver = open.find((each) => concerns(each, one));
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

const concerns = ({ rule, where }: Waiver, found: Judged): boolean =>
  matchesName([rule, `policy/${rule}`], found.rule) &&
  (where === undefined || (found.where !== undefined && matchesName([where], found.where)));
