/** index.json of a folder with feeds: what each file is, what it has to be, and when it was fetched. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { IngotError, messageOf } from '../../errors.ts';
import { ifThere } from '../../host/if-there.ts';

/** What tells of attacks, whatever the system. */
const THREAT_KINDS = ['kev', 'epss'] as const;
export type ThreatKind = (typeof THREAT_KINDS)[number];

export const FEED_KINDS = [
  'debian-tracker',
  'debsecan',
  'osv',
  'ubuntu-oval',
  'csaf-vex',
  'updateinfo',
  'secdb',
  'openvex',
  ...THREAT_KINDS,
] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

export const isThreatKind = (kind: FeedKind): kind is ThreatKind => THREAT_KINDS.some((one) => one === kind);

export const isFeedKind = (word: string): word is FeedKind => FEED_KINDS.some((kind) => kind === word);

const indexed = z.strictObject({
  kind: z.enum(FEED_KINDS),
  /** Which part of the vendor's data it is, where the file does not say: `bookworm`, `rocky:9`. */
  scope: z.string().optional(),
  /** In the folder itself: no name leads out of it. */
  file: z.string().refine((name) => name === basename(name) && !name.startsWith('.'), 'a plain file name'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  /** Without a login. */
  from: z.string(),
  fetched: z.iso.datetime(),
});
const schema = z.strictObject({ version: z.literal(1), feeds: z.array(indexed) });

export type IndexedFeed = z.output<typeof indexed>;
export type FeedIndex = z.output<typeof schema>;

export const INDEX_FILE = 'index.json';

export const feedName = ({ kind, scope }: Pick<IndexedFeed, 'kind' | 'scope'>): string =>
  scope === undefined ? kind : `${kind}@${scope}`;

/** Undefined where the folder has none. Throws `vulns.index-invalid`. */
export const readFeedIndex = async (folder: string): Promise<FeedIndex | undefined> => {
  const path = join(folder, INDEX_FILE);
  const text = await ifThere(readFile(path, 'utf8'));
  if (text === undefined) return undefined;
  const fault = (detail: string) =>
    new IngotError('vulns.index-invalid', 'the list of the feeds cannot be read', {
      where: path,
      detail,
      hint: 'Fetch the feeds again into a new folder.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault(messageOf(error));
  }
  const found = schema.safeParse(value);
  if (!found.success) throw fault(z.prettifyError(found.error).slice(0, 500));
  return found.data;
};

/** Throws `vulns.no-feeds` as well. */
export const requireFeedIndex = async (folder: string): Promise<FeedIndex> => {
  const index = await readFeedIndex(folder);
  if (index !== undefined && index.feeds.length > 0) return index;
  throw new IngotError('vulns.no-feeds', 'there are no feeds', {
    where: folder,
    hint: '`ingot vulns fetch -o FOLDER` writes them, with the list of what they are.',
  });
};
