/** What a vendor's signed indexes tell without any feed: newer versions, what these fix, what is not supported any more. */
import { counted } from '../counted.ts';
import type { FrozenMirrors, LockedArchive } from '../recipe/schema/lock-schema.ts';

export interface Update {
  readonly name: string;
  readonly architecture: string;
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly fromSource: string;
  readonly toSource: string;
  /** Suites that have the newer version. */
  readonly suites: readonly string[];
  /** A security suite has it, or one between the two. */
  readonly isSecurity: boolean;
}

/** Of the changelog entries above the installed version. */
export interface NamedInChangelog {
  readonly source: string;
  readonly cves: readonly string[];
  /** Undefined where a changelog was read; else why none was. */
  readonly unread?: string;
}

export interface Support {
  /** Sources whose support has ended before their release's. */
  readonly ended: readonly { readonly source: string; readonly since: string; readonly url?: string }[];
  /** Sources that are supported in part, with the vendor's words. */
  readonly limited: readonly { readonly source: string; readonly note: string }[];
  /** Of the release itself, days as the vendor has them. */
  readonly release?: { readonly name: string; readonly eol?: string; readonly eolLts?: string };
}

/** Why indexes of an earlier day were read, and of which day they are: what came after it is not known. */
export interface KeptIndexes {
  /** Of the newest security suite: ISO 8601. */
  readonly asOf: string;
  readonly because: string;
}

export interface KnownUpdates {
  /** The indexes that were read, each with when it was made. */
  readonly suites: readonly { readonly name: string; readonly date: string }[];
  readonly updates: readonly Update[];
  readonly changelogs: readonly NamedInChangelog[];
  readonly support: Support | undefined;
  /** Names (`name architecture`) of packages that the vendor does not have. */
  readonly thirdParty: ReadonlySet<string>;
  /** Absent where the mirror itself was asked. */
  readonly kept?: KeptIndexes | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

/** Why updates that are newer than so many days may be missing from what is known; undefined where they cannot be. */
export const keptTooLong = (
  { kept }: KnownUpdates,
  { now, maxAge }: { readonly now: Date; readonly maxAge: number },
): string | undefined =>
  kept === undefined || now.getTime() - Date.parse(kept.asOf) <= maxAge * DAY
    ? undefined
    : `the indexes at hand are of ${kept.asOf.slice(0, 10)}, and may be ${counted(maxAge, 'day')} old: ${kept.because}`;

/** Where a vendor's indexes are; what is absent is the vendor's usual, or what the host's package manager says. */
export interface UpdateWish {
  readonly release: string;
  readonly components: readonly string[];
  /** Beside those that a system follows by itself. */
  readonly suites: readonly string[];
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  readonly keyring?: string | undefined;
  /** What a bundle brings of these. */
  readonly frozen?: FrozenMirrors | undefined;
  /** The indexes of a lock, for where no mirror can be reached. */
  readonly locked?: LockedArchive['suites'] | undefined;
}

export interface UpdateFolders {
  /** Indexes of the last time. */
  readonly state: string;
  /** Packages by digest. */
  readonly packages: string;
}
