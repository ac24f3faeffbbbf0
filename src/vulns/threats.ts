/** What is known of attacks, whatever the system: CISA's catalogue of what is exploited, and EPSS, how probable that is. */
import type { Finding } from './finding.ts';
import type { FeedFacts } from './report.ts';
import { namesOf } from './waivers.ts';

/** What one feed of this kind says, by CVE. */
export type ThreatFeed =
  | { readonly kind: 'kev'; readonly facts: FeedFacts; readonly exploited: ReadonlySet<string> }
  | { readonly kind: 'epss'; readonly facts: FeedFacts; readonly probabilities: ReadonlyMap<string, number> };

export const isUsable = ({ facts }: ThreatFeed): boolean => facts.unusable === undefined;

/** With what feeds say that may be relied on; of several the worst counts. */
export const withThreat = (finding: Finding, feeds: readonly ThreatFeed[]): Finding => {
  const usable = feeds.filter(isUsable);
  if (usable.length === 0) return finding;
  const names = namesOf(finding);
  const lists = usable.filter((one) => one.kind === 'kev');
  const known = usable
    .filter((one) => one.kind === 'epss')
    .flatMap(({ probabilities }) => names.flatMap((name) => probabilities.get(name) ?? []));
  const isExploited =
    lists.length === 0 ? undefined : lists.some(({ exploited }) => names.some((name) => exploited.has(name)));
  return { ...finding, threat: { isExploited, probability: known.length === 0 ? undefined : Math.max(...known) } };
};
