/** What a vendor's signed indexes tell without any feed: newer versions, what these fix, what is not supported any more. */

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

export interface KnownUpdates {
  /** The indexes that were read, each with when it was made. */
  readonly suites: readonly { readonly name: string; readonly date: string }[];
  readonly updates: readonly Update[];
  readonly changelogs: readonly NamedInChangelog[];
  readonly support: Support | undefined;
  /** Names (`name architecture`) of packages that the vendor does not have. */
  readonly thirdParty: ReadonlySet<string>;
}

/** Where a vendor's indexes are; what is absent is the vendor's usual, or what the host's package manager says. */
export interface UpdateWish {
  readonly release: string;
  readonly components: readonly string[];
  /** Beside those that a system follows by itself. */
  readonly suites: readonly string[];
  readonly mirror?: string | undefined;
  readonly securityMirror?: string | undefined;
  readonly keyring?: string | undefined;
}

export interface UpdateFolders {
  /** Indexes of the last time. */
  readonly state: string;
  /** Packages by digest. */
  readonly packages: string;
}
