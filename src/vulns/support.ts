/** Whether the vendor still supports what is installed. */
import type { Judged } from '../judgement.ts';
import type { Inventory } from './inventory.ts';
import type { KnownUpdates } from './updates.ts';

export const supportOf = ({ packages }: Inventory, updates: KnownUpdates | undefined, now: Date): Judged[] => {
  const support = updates?.support;
  if (support === undefined) return [];
  const today = now.toISOString().slice(0, 10);
  const sources = new Set(packages.map(({ source }) => source));
  const { name = '', eol, eolLts } = support.release ?? {};
  const last = eolLts ?? eol;
  const release: Judged[] =
    last !== undefined && last < today
      ? [
          {
            rule: 'vulns/support-ended',
            verdict: 'fails',
            message: `the support of ${name} ended on ${last}`,
            hint: 'Build a newer release.',
          },
        ]
      : eol !== undefined && eol < today
        ? [
            {
              rule: 'vulns/support-long-term',
              verdict: 'holds',
              message: `${name} has long-term support alone since ${eol}, until ${last}`,
            },
          ]
        : [];
  return [
    ...release,
    ...support.ended
      .filter(({ source, since }) => sources.has(source) && since <= today)
      .map(
        ({ source, since, url }): Judged => ({
          rule: 'vulns/support-ended',
          verdict: 'fails',
          message: `the security support of ${source} ended on ${since}${url ? ` (${url})` : ''}`,
          where: source,
          hint: 'Remove it, or take it from where it is maintained.',
        }),
      ),
    ...support.limited
      .filter(({ source }) => sources.has(source))
      .map(
        ({ source, note }): Judged => ({
          rule: 'vulns/support-limited',
          verdict: 'holds',
          message: `${source} has limited security support${note === '' ? '' : `: ${note}`}`,
          where: source,
        }),
      ),
  ];
};
