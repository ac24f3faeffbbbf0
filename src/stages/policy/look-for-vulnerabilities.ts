/** What a policy's question about vulnerabilities is judged on: the packages of an image, feeds, and the vendor's indexes of today. */
import { feedSubjectOf } from '../../distributions/feed-subject.ts';
import {
  NOT_ASKED,
  pendingUpdates,
  type UpdatesContext,
  type UpdatesFrom,
  withOrigins,
} from '../../distributions/pending-updates.ts';
import type { Subject } from '../../inspect/subject.ts';
import type { VulnerabilityFacts } from '../../policy/policy-facts.ts';
import type { ReadPolicy } from '../../policy/read-policy.ts';
import { readFeeds } from '../../vulns/feeds/read.ts';
import { asksForUpdates } from '../../vulns/policy.ts';

export interface VulnerabilitySources {
  /** A folder as `ingot vulns fetch` writes it. */
  readonly feeds: string | undefined;
  /** Where the vendor's indexes are asked for; absent where no network may be used. */
  readonly updates: (Omit<UpdatesContext, 'signal'> & { readonly from: UpdatesFrom }) | undefined;
}

export const NO_SOURCES: VulnerabilitySources = { feeds: undefined, updates: undefined };

/** Undefined where no policy asks. Throws what `readFeeds` throws. */
export const lookForVulnerabilities = async (
  image: { readonly subject: Subject; readonly path: string },
  { feeds, updates: asked }: VulnerabilitySources,
  {
    policies,
    now,
    signal,
  }: { readonly policies: readonly ReadPolicy[]; readonly now: Date; readonly signal: AbortSignal },
): Promise<VulnerabilityFacts | undefined> => {
  const parts = policies.flatMap(({ policy }) => policy.vulnerabilities ?? []);
  if (parts.length === 0) return undefined;
  const subject = await feedSubjectOf(image.subject, image.path);
  const { updates, updatesUnknown } =
    asked !== undefined && parts.some(asksForUpdates)
      ? await pendingUpdates(subject, asked.from, { ...asked, signal })
      : { ...NOT_ASKED, updatesUnknown: 'no mirror was asked' };
  const inventory = withOrigins(subject.inventory, updates);
  return {
    inventory,
    feeds: feeds === undefined ? undefined : await readFeeds(feeds, inventory, { now, signal }),
    updates,
    updatesUnknown,
    notScanned: subject.notScanned,
  };
};
