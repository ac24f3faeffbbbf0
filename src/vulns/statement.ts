/** What one record of a feed says of one package, whatever the feed's own form is. */
import type { Severity } from './severity.ts';

/** An event on the line of versions (OSV schema, "affected[].ranges[].events"). */
export type RangeEvent =
  | { readonly introduced: string }
  | { readonly fixed: string }
  | { readonly last: string }
  | { readonly limit: string };

export type Says =
  /** Versions within any of the ranges, and those that are listed. */
  | {
      readonly kind: 'affected';
      readonly ranges: readonly (readonly RangeEvent[])[];
      readonly versions: readonly string[];
    }
  /** All that are older than a version and not in the list: debsecan's way. */
  | { readonly kind: 'all-but'; readonly before: string | undefined; readonly except: readonly string[] }
  | { readonly kind: 'not-affected'; readonly why: string }
  /** The vendor has not decided, or the record cannot be evaluated. */
  | { readonly kind: 'unsure'; readonly why: string };

export interface Statement {
  /** The CVE where it has one, else the vendor's own name. */
  readonly id: string;
  /** Other names of the same: an advisory, a GHSA. */
  readonly aliases: readonly string[];
  /** Name of the feed. */
  readonly feed: string;
  /** Of what the same vendor says in several places, the lowest counts. */
  readonly rank: number;
  readonly package: string;
  readonly by: 'source' | 'binary';
  /** Of a binary package, where it is for one alone. */
  readonly architecture?: string | undefined;
  /** `name:stream`: for packages of that module alone; empty for those of one that the record does not name. */
  readonly module?: string | undefined;
  readonly says: Says;
  /** There is a fix, though the record does not say in which version. */
  readonly isFixed?: boolean;
  readonly severities: readonly Severity[];
  readonly summary?: string | undefined;
  /** What the vendor adds: "no DSA: minor issue". */
  readonly notes: readonly string[];
}

/** Open in all versions. */
export const OPEN: Says = { kind: 'affected', ranges: [[{ introduced: '0' }]], versions: [] };

export const fixedIn = (version: string): Says => ({
  kind: 'affected',
  ranges: [[{ introduced: '0' }, { fixed: version }]],
  versions: [],
});
