/** All that is told of an image's vulnerabilities; every form of output is made of this. */
import type { Judgement } from '../judgement.ts';
import type { Finding } from './finding.ts';
import type { Installed, SystemId } from './inventory.ts';
import type { LanguagePackage } from './language-packages.ts';
import type { KnownUpdates } from './updates.ts';

/** A feed that was read, and whether it may still be relied on. */
export interface FeedFacts {
  readonly name: string;
  readonly kind: string;
  /** When it was fetched, ISO 8601. */
  readonly fetched: string;
  readonly sha256: string;
  /** Of it that concern what is installed. */
  readonly statements: number;
  /** It speaks of the image's system. */
  readonly covers: boolean;
  /** Names of the repositories that it speaks of; absent where it speaks of all. */
  readonly parts?: readonly string[] | undefined;
  /** Why it is not relied on: older than allowed, from the future, damaged. */
  readonly unusable: string | undefined;
}

export interface Report {
  readonly subject: string;
  readonly system: SystemId;
  /** ISO 8601. */
  readonly made: string;
  /** How many were looked at. */
  readonly packages: number;
  readonly feeds: readonly FeedFacts[];
  readonly updates: KnownUpdates | undefined;
  /** Why updates are not known. */
  readonly updatesUnknown: string | undefined;
  readonly findings: readonly Finding[];
  readonly thirdParty: readonly Installed[];
  /** Without an index, own packages look like the vendor's. */
  readonly originsKnown: boolean;
  readonly notScanned: readonly LanguagePackage[];
  readonly judgement: Judgement;
}
