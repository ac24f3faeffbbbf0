/** What a policy is judged on: the image as it was read from outside, and the manifest beside it where there is one. */
import type { Manifest, ManifestOrigin } from '../capture/manifest.ts';
import type { Inspection } from '../inspect/inspect.ts';
import type { Subject } from '../inspect/subject.ts';
import type { Judged, Judgement, Verdict } from '../judgement.ts';
import type { Evidence } from '../vulns/evidence.ts';
import type { ReadFeeds } from '../vulns/feeds/read.ts';

/** What a build says of an image, beside what the image says itself. */
export interface Made extends Pick<Manifest, 'created' | 'os' | 'standIns'> {
  readonly origin: Omit<ManifestOrigin, 'chain'>;
}

/** What was looked up about its packages. */
export interface VulnerabilityFacts extends Pick<Evidence, 'inventory' | 'updates' | 'updatesUnknown' | 'notScanned'> {
  /** Of any age; absent where none are at hand. */
  readonly feeds: ReadFeeds | undefined;
}

/** What other checks have said of the image; absent where they have not run. */
export interface OtherChecks {
  readonly trust?: Judgement | undefined;
  readonly tests?: readonly { readonly name: string; readonly verdict: Verdict }[] | undefined;
  readonly vulnerabilities?: VulnerabilityFacts | undefined;
}

export interface PolicyFacts {
  readonly others: OtherChecks;
  readonly subject: Subject;
  readonly inspection: Inspection;
  readonly manifest: Made | undefined;
  readonly now: Date;
}

/** What one part of a policy found. */
export type Findings = readonly Judged[];

/** For what does not hold. `rule` without its prefix: `packages.forbid`. */
export const fails = (rule: string, message: string, where: string | undefined, hint: string): Judged => ({
  rule: `policy/${rule}`,
  verdict: 'fails',
  message,
  where,
  hint,
});

/** For what could not be looked at. */
export const unjudged = (rule: string, message: string, hint: string): Judged => ({
  rule: `policy/${rule}`,
  verdict: 'unjudged',
  message,
  hint,
});
