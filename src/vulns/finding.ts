/** A vulnerability in a package of an image, or that there is none. */
import type { Installed } from './inventory.ts';
import type { Severity } from './severity.ts';

export interface Finding {
  readonly id: string;
  readonly aliases: readonly string[];
  /** As feeds name it: the source whose code it is. */
  readonly source: string;
  readonly version: string;
  /** The installed packages that are made of it. */
  readonly packages: readonly Installed[];
  readonly state: 'affected' | 'not-affected' | 'unsure';
  /** Why it is not affected, or cannot be judged. */
  readonly why?: string | undefined;
  readonly isFixable: boolean;
  /** The first version without it, where that is known. */
  readonly fixed?: string | undefined;
  readonly severity: Severity;
  /** What is known of attacks; absent where no feed tells. */
  readonly threat?: Threat | undefined;
  readonly summary?: string | undefined;
  readonly notes: readonly string[];
  /** Names of the feeds that say it; `changelog` where an update's own changelog names it. */
  readonly feeds: readonly string[];
  /** Somebody has said that it does not count here. */
  readonly waived?: { readonly reason: string; readonly until?: string; readonly by: 'waiver' | 'vex' } | undefined;
}

/** What is known of attacks. */
export interface Threat {
  /** Undefined where no list of what is exploited was at hand. */
  readonly isExploited?: boolean | undefined;
  /** That it is exploited within 30 days, from 0 to 1. */
  readonly probability?: number | undefined;
}
