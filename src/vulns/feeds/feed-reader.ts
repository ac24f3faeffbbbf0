/** What every reader of a feed is given, and gives. */
import type { Inventory } from '../inventory.ts';
import type { Statement } from '../statement.ts';
import type { VexStatement } from '../vex.ts';

export interface FeedContext {
  readonly inventory: Inventory;
  readonly wanted: Wanted;
  /** How findings name the feed. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
}

/** Names that records have to be about: all else is passed over unread. */
export interface Wanted {
  readonly sources: ReadonlySet<string>;
  readonly binaries: ReadonlySet<string>;
}

export interface FeedContent {
  /** It has something about the image's system, if not about its packages. */
  readonly covers: boolean;
  readonly statements: readonly Statement[];
  /** Names of the repositories that it speaks of; absent where it speaks of all. */
  readonly parts?: readonly string[];
  readonly vex?: readonly VexStatement[];
}

export type FeedReader = (path: string, context: FeedContext) => Promise<FeedContent>;
