/** Reads all feeds of a folder. One that cannot be read, or is too old, is told as such: it never makes an image look clean. */
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { checkIdentity } from '../../origin/blobs.ts';
import type { Inventory } from '../inventory.ts';
import type { FeedFacts } from '../report.ts';
import { feedSource } from '../signed-sources.ts';
import type { Statement } from '../statement.ts';
import type { VexWaiver } from '../waivers.ts';
import { readCsaf } from './csaf.ts';
import { readDebianTracker } from './debian-tracker.ts';
import { readDebsecan } from './debsecan.ts';
import { type FeedKind, feedName, type IndexedFeed, readFeedIndex } from './feed-index.ts';
import type { FeedReader, Wanted } from './feed-reader.ts';
import { readOpenVex } from './openvex.ts';
import { readOsv } from './osv.ts';
import { readOval } from './oval.ts';
import { readSecdb } from './secdb.ts';
import { readUpdateinfo } from './updateinfo.ts';

const READERS: Readonly<Record<FeedKind, (scope: string | undefined) => FeedReader>> = {
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
  /** Days. */
  readonly maxAge: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadFeeds {
  readonly facts: readonly FeedFacts[];
  readonly statements: readonly Statement[];
  readonly vex: readonly VexWaiver[];
}

/** Throws `vulns.no-feeds` or `vulns.index-invalid`. */
export const readFeeds = async (folder: string, inventory: Inventory, options: ReadOptions): Promise<ReadFeeds> => {
  const index = await readFeedIndex(folder);
  if (index === undefined || index.feeds.length === 0)
    throw new IngotError('vulns.no-feeds', 'there are no feeds', {
      where: folder,
      hint: '`ingot vulns fetch -o FOLDER` writes them, with the list of what they are.',
    });
  const wanted = wantedOf(inventory);
  const facts: FeedFacts[] = [];
  const statements: Statement[] = [];
  const vex: VexWaiver[] = [];
  for (const feed of index.feeds) {
    const { file, kind, scope, sha256, size, fetched } = feed;
    const name = feedName(feed);
    const common = { name, kind, fetched, sha256 };
    try {
      const path = join(folder, file);
      await checkIdentity(path, { size, sha256 }, file, options.signal);
      const content = await READERS[kind](scope)(path, { inventory, wanted, name, signal: options.signal });
      for (const one of content.statements) statements.push(one);
      vex.push(...(content.vex ?? []));
      const unusable = ageFault(feed, options);
      facts.push({ ...common, statements: content.statements.length, covers: content.covers, unusable });
    } catch (error) {
      if (!(error instanceof IngotError) || !UNREADABLE.test(error.code)) throw error;
      const detail = error.detail === undefined ? '' : `: ${error.detail.split('\n')[0]}`;
      facts.push({ ...common, statements: 0, covers: true, unusable: `${error.message}${detail}` });
    }
  }
  return { facts, statements, vex };
};

const UNREADABLE = /^vulns\.feed-|^origin\.(digest-mismatch|not-in-store|package-damaged)$/;

const DAY = 24 * 60 * 60 * 1000;

/** A vendor's statements of one's own have no age. */
const ageFault = ({ fetched, kind }: IndexedFeed, { now, maxAge }: ReadOptions): string | undefined => {
  if (kind === 'openvex') return undefined;
  const age = now.getTime() - Date.parse(fetched);
  if (age < -DAY) return `it was fetched in the future, on ${fetched.slice(0, 10)}: is the clock right?`;
  const days = Math.floor(age / DAY);
  return age > maxAge * DAY ? `it is ${days} days old, and may be ${maxAge}` : undefined;
};

const wantedOf = ({ packages }: Inventory): Wanted => ({
  sources: new Set(packages.map((one) => feedSource(one).source)),
  binaries: new Set(packages.map(({ name }) => name)),
});
