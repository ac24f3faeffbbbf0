/** Reads all feeds of a folder. One that cannot be read, or is too old, is told as such: it never makes an image look clean. */
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { checkIdentity } from '../../origin/blobs.ts';
import type { Inventory } from '../inventory.ts';
import type { FeedFacts } from '../report.ts';
import { feedSource } from '../signed-sources.ts';
import type { Statement } from '../statement.ts';
import type { ThreatFeed } from '../threats.ts';
import type { VexStatement } from '../vex.ts';
import { readCsaf } from './csaf.ts';
import { readDebianTracker } from './debian-tracker.ts';
import { readDebsecan } from './debsecan.ts';
import { readEpss } from './epss.ts';
import {
  type FeedKind,
  feedName,
  type IndexedFeed,
  isThreatKind,
  requireFeedIndex,
  type ThreatKind,
} from './feed-index.ts';
import type { FeedReader, Wanted } from './feed-reader.ts';
import { readKev } from './kev.ts';
import { readOpenVex } from './openvex.ts';
import { readOsv } from './osv.ts';
import { readOval } from './oval.ts';
import { readSecdb } from './secdb.ts';
import { readUpdateinfo } from './updateinfo.ts';

const READERS: Readonly<Record<Exclude<FeedKind, ThreatKind>, (scope: string | undefined) => FeedReader>> = {
  'debian-tracker': () => readDebianTracker,
  debsecan: readDebsecan,
  osv: () => readOsv,
  'ubuntu-oval': () => readOval,
  'csaf-vex': () => readCsaf,
  updateinfo: readUpdateinfo,
  secdb: () => readSecdb,
  openvex: () => readOpenVex,
};

export interface ReadOptions {
  readonly now: Date;
  /** Days; of any age where it is absent. */
  readonly maxAge?: number | undefined;
  /** Vulnerabilities that no feed has to name: of the changelogs of updates. */
  readonly alsoAbout?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadFeeds {
  readonly facts: readonly FeedFacts[];
  readonly statements: readonly Statement[];
  readonly threats: readonly ThreatFeed[];
  readonly vex: readonly VexStatement[];
}

export const NO_FEEDS: ReadFeeds = { facts: [], statements: [], threats: [], vex: [] };

/** Throws `vulns.no-feeds` or `vulns.index-invalid`. */
export const readFeeds = async (folder: string, inventory: Inventory, options: ReadOptions): Promise<ReadFeeds> => {
  const index = await requireFeedIndex(folder);
  const wanted = wantedOf(inventory);
  const facts: FeedFacts[] = [];
  const statements: Statement[] = [];
  const threats: ThreatFeed[] = [];
  const vex: VexStatement[] = [];
  // What tells of attacks is held against what the others name.
  for (const feed of index.feeds.toSorted((one, other) => lastOf(one) - lastOf(other))) {
    const { file, kind, scope, sha256, size, fetched } = feed;
    const name = feedName(feed);
    const told = { name, kind, fetched, sha256, statements: 0, covers: true, unusable: futureFault(feed, options.now) };
    const path = join(folder, file);
    try {
      await checkIdentity(path, { size, sha256 }, file, options.signal);
      if (isThreatKind(kind)) {
        const named = statements.flatMap(({ id, aliases }) => [id, ...aliases]);
        threats.push(
          await readThreat(kind, path, { told, wanted: new Set([...named, ...(options.alsoAbout ?? [])]), ...options }),
        );
        continue;
      }
      const content = await READERS[kind](scope)(path, { inventory, wanted, name, signal: options.signal });
      for (const one of content.statements) statements.push(one);
      vex.push(...(content.vex ?? []));
      const { parts } = content;
      facts.push({
        ...told,
        statements: content.statements.length,
        covers: content.covers,
        ...(parts === undefined ? {} : { parts }),
      });
    } catch (error) {
      if (!(error instanceof IngotError) || !UNREADABLE.test(error.code)) throw error;
      const detail = error.detail === undefined ? '' : `: ${error.detail.split('\n')[0]}`;
      const damaged = { ...told, unusable: `${error.message}${detail}` };
      if (isThreatKind(kind)) threats.push(nothingOf(kind, damaged));
      else facts.push(damaged);
    }
  }
  const found = { facts, statements, threats, vex };
  return options.maxAge === undefined ? found : aged(found, { now: options.now, maxAge: options.maxAge });
};

const lastOf = ({ kind }: IndexedFeed): number => (isThreatKind(kind) ? 1 : 0);

interface ThreatContext extends Pick<ReadOptions, 'signal'> {
  readonly told: FeedFacts;
  readonly wanted: ReadonlySet<string>;
}

const readThreat = async (
  kind: ThreatKind,
  path: string,
  { told, wanted, signal }: ThreatContext,
): Promise<ThreatFeed> => {
  if (kind === 'kev') {
    const exploited = await readKev(path, signal);
    return { kind, facts: { ...told, statements: exploited.size }, exploited };
  }
  const { count, probabilities } = await readEpss(path, wanted, signal);
  return { kind, facts: { ...told, statements: count }, probabilities };
};

const nothingOf = (kind: ThreatKind, facts: FeedFacts): ThreatFeed =>
  kind === 'kev' ? { kind, facts, exploited: new Set() } : { kind, facts, probabilities: new Map() };

const UNREADABLE = /^vulns\.feed-|^origin\.(digest-mismatch|not-in-store|package-damaged)$/;

const DAY = 24 * 60 * 60 * 1000;

/** A vendor's statements of one's own have no age. */
const futureFault = ({ fetched, kind }: IndexedFeed, now: Date): string | undefined =>
  kind !== 'openvex' && now.getTime() - Date.parse(fetched) < -DAY
    ? `it was fetched in the future, on ${fetched.slice(0, 10)}: is the clock right?`
    : undefined;

/** What is older than so many days is not relied on. */
export const aged = (feeds: ReadFeeds, { now, maxAge }: { readonly now: Date; readonly maxAge: number }): ReadFeeds => {
  const judged = (facts: FeedFacts): FeedFacts => {
    const age = now.getTime() - Date.parse(facts.fetched);
    if (facts.unusable !== undefined || facts.kind === 'openvex' || age <= maxAge * DAY) return facts;
    return { ...facts, unusable: `it is ${Math.floor(age / DAY)} days old, and may be ${maxAge}` };
  };
  return {
    ...feeds,
    facts: feeds.facts.map(judged),
    threats: feeds.threats.map((one) => ({ ...one, facts: judged(one.facts) })),
  };
};

const wantedOf = ({ packages }: Inventory): Wanted => ({
  sources: new Set(packages.map((one) => feedSource(one).source)),
  binaries: new Set(packages.map(({ name }) => name)),
});
