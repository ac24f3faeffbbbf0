/** What an image sends by itself, as its disk says it; what is seen on a network is for `ingot egress`. */
import { installedEntries } from '../../egress/installed.ts';
import { telemetryFound } from '../../egress/judge.ts';
import type { Findings, PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgeTelemetry = async (
  wanted: NonNullable<Policy['telemetry']>,
  { subject }: PolicyFacts,
): Promise<Findings> =>
  telemetryFound(await installedEntries(subject), wanted).map((one) => ({
    ...one,
    rule: one.rule.replace('egress/', 'policy/telemetry.'),
  }));
