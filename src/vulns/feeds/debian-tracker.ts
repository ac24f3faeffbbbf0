/**
 * The JSON of Debian's security tracker: `{source: {CVE: {releases: {bookworm: {status, fixed_version, urgency, nodsa}}}}}`. It is one
 * object of more than 60 MB, of which the installed sources alone are read. Debian calls the tracker the truth.
 */
import { z } from 'zod';
import { JsonMembersError, jsonMembers } from '../../formats/json-members.ts';
import { vendorSeverity } from '../severity.ts';
import { fixedIn, OPEN, type Says, type Statement } from '../statement.ts';
import { invalidFeed, parsedJson } from './feed-error.ts';
import type { FeedReader } from './feed-reader.ts';
import { openFeed } from './open-feed.ts';

/** The kernel's own has some 10 MB. */
const MOST_SOURCE = 128 * 2 ** 20;

const release = z.object({
  status: z.string(),
  fixed_version: z.string().optional(),
  urgency: z.string().optional(),
  nodsa: z.string().optional(),
  nodsa_reason: z.string().nullish(),
});
const sourceSchema = z.record(
  z.string(),
  z.object({ description: z.string().optional(), releases: z.record(z.string(), release).default({}) }),
);

const RANK = 1;

export const readDebianTracker: FeedReader = async (path, { inventory, wanted, name, signal }) => {
  const { id, codename } = inventory.system;
  if (id !== 'debian' || codename === undefined) return { covers: false, statements: [] };
  const statements: Statement[] = [];
  let covers = false;
  const mark = `"${codename}"`;
  const watched = async function* () {
    for await (const piece of openFeed(path, signal)) {
      covers ||= piece.includes(mark);
      yield piece;
    }
  };
  try {
    for await (const { key, text } of jsonMembers(watched(), (source) => wanted.sources.has(source), MOST_SOURCE)) {
      const found = sourceSchema.safeParse(parsedJson(text, path));
      if (!found.success) throw invalidFeed(path, `${key}: ${z.prettifyError(found.error).slice(0, 500)}`);
      for (const [cve, { description, releases }] of Object.entries(found.data)) {
        const said = Object.hasOwn(releases, codename) ? releases[codename] : undefined;
        if (said !== undefined)
          statements.push({ ...statementOf(said), ...named(cve, key, name), summary: description });
      }
    }
  } catch (error) {
    if (error instanceof JsonMembersError) throw invalidFeed(path, error.message, error);
    throw error;
  }
  return { covers, statements };
};

const named = (id: string, source: string, feed: string) => ({
  id,
  aliases: [],
  feed,
  rank: RANK,
  package: source,
  by: 'source' as const,
});

const statementOf = ({
  status,
  fixed_version: fixed,
  urgency,
  nodsa,
  nodsa_reason: reason,
}: z.output<typeof release>) => {
  const severity = vendorSeverity(urgency, 'Debian urgency');
  const notes = [
    ...(urgency === 'unimportant' ? ['unimportant'] : []),
    ...(reason ? [`${reason}, no DSA`] : nodsa === undefined ? [] : ['no DSA']),
    ...(nodsa ? [nodsa] : []),
    ...(urgency === 'end-of-life' ? ['not supported any more'] : []),
  ];
  return { says: saysOf(status, fixed), severities: severity ? [severity] : [], notes };
};

/** `0` says that this release never had it. */
const saysOf = (status: string, fixed: string | undefined): Says => {
  if (fixed === '0') return { kind: 'not-affected', why: 'this release never had it' };
  if (status === 'resolved' && fixed !== undefined) return fixedIn(fixed);
  if (status === 'open') return OPEN;
  return { kind: 'unsure', why: `the tracker says "${status.slice(0, 40)}"` };
};
