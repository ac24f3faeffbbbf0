/** What a policy may ask about vulnerabilities: `vulnerabilities` in it, and the limits that follow from that. */
import { z } from 'zod';
import { text } from '../recipe/schema/field-values.ts';
import type { FailOn } from './fail-on.ts';
import { LEVELS } from './severity.ts';

const forbidden = z.literal('forbid');

export const vulnerabilitiesPartSchema = z
  .strictObject({
    severity: z.enum(LEVELS).optional().meta({
      description: 'Known vulnerabilities that are at least so bad fail; all do where no limit is said.',
    }),
    fixable: z.literal(true).optional().meta({ description: 'Of these, only those that a fix is there for.' }),
    exploited: forbidden.optional().meta({
      description: 'What is known to be exploited (a feed of the kind kev) fails, whatever its severity.',
    }),
    probability: z.number().gt(0).max(1).optional().meta({
      description: 'So does what is exploited within 30 days with at least this probability (a feed of the kind epss).',
    }),
    maxAge: text(/^[1-9]\d{0,3}d$/, 'a number of days: 7d')
      .optional()
      .meta({ description: 'Feeds and indexes at hand that are older are not relied on: 7d where it is absent.' }),
    pendingUpdates: forbidden.optional().meta({
      description: "No security update may be missing, as the vendor's signed indexes of today say; no feed is needed.",
    }),
    unsupported: forbidden.optional().meta({
      description: 'The support of the release and of what is installed may not have ended, as the same indexes say.',
    }),
  })
  .meta({ description: 'Known vulnerabilities (docs/vulnerabilities.md). What could not be judged does not hold.' });

export type VulnerabilitiesPart = z.output<typeof vulnerabilitiesPartSchema>;

const DAYS = 7;

export const limitsOf = ({
  severity,
  fixable,
  exploited,
  probability,
  maxAge,
}: VulnerabilitiesPart): { readonly failOn: FailOn; readonly maxAge: number } => ({
  failOn: { severity, fixable, exploited: exploited === undefined ? undefined : true, probability },
  maxAge: maxAge === undefined ? DAYS : Number(maxAge.slice(0, -1)),
});

/** Whether it asks for the vendor's indexes of today. */
export const asksForUpdates = ({ pendingUpdates, unsupported }: VulnerabilitiesPart): boolean =>
  pendingUpdates !== undefined || unsupported !== undefined;

/** Whether it asks for what only feeds tell. Without any limit all that is known counts. */
export const asksForFeeds = (part: VulnerabilitiesPart): boolean => {
  const { severity, fixable, exploited, probability } = part;
  return [severity, fixable, exploited, probability].some((one) => one !== undefined) || !asksForUpdates(part);
};
