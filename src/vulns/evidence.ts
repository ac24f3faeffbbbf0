/** What an image is judged on. */
import type { Finding } from './finding.ts';
import type { Inventory } from './inventory.ts';
import type { LanguagePackage } from './language-packages.ts';
import type { FeedFacts } from './report.ts';
import type { ThreatFeed } from './threats.ts';
import type { KnownUpdates } from './updates.ts';

export interface Evidence {
  readonly inventory: Inventory;
  readonly feeds: readonly FeedFacts[];
  /** What is known of attacks. */
  readonly threats: readonly ThreatFeed[];
  /** What feeds say. */
  readonly matched: readonly Finding[];
  readonly updates: KnownUpdates | undefined;
  readonly updatesUnknown: string | undefined;
  readonly notScanned: readonly LanguagePackage[];
}
