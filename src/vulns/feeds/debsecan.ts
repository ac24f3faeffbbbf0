/**
 * debsecan's feed (debsecan(1), "release/1/SUITE"): zlib data with three blocks of lines. A version is affected when it is older than the
 * fixed one of unstable and not among those of other suites that have the fix.
 */

import { readFile, stat } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import { messageOf } from '../../errors.ts';
import { vendorSeverity } from '../severity.ts';
import type { Says, Statement } from '../statement.ts';
import { invalidFeed, tooLargeFeed } from './feed-error.ts';
import type { FeedContext, FeedReader } from './feed-reader.ts';

const MOST = 256 * 2 ** 20;
const RANK = 3;
const URGENCIES: Readonly<Record<string, string>> = { L: 'low', M: 'medium', H: 'high' };

export const readDebsecan =
  (suite: string | undefined): FeedReader =>
  async (path, context) => {
    if ((await stat(path)).size > MOST) throw tooLargeFeed(path, `more than ${MOST / 2 ** 20} MiB`);
    const lines = inflated(await readFile(path), path).split('\n');
    const covers = context.inventory.system.id === 'debian' && suite === context.inventory.system.codename;
    if (!covers) return { covers, statements: [] };
    if (lines[0] !== 'VERSION 1') throw invalidFeed(path, 'it does not begin with VERSION 1');
    const end = lines.indexOf('', 1);
    if (end < 0) throw invalidFeed(path, 'the list of names does not end');
    const names = lines.slice(1, end);
    const statements: Statement[] = [];
    if ((lines[end + 1] ?? '') === '') throw invalidFeed(path, 'it has no records');
    for (let at = end + 1; at < lines.length && lines[at] !== ''; at++) {
      const found = statementsOf(lines[at] ?? '', names, context);
      if (found === undefined)
        throw invalidFeed(path, `line ${at + 1} is not of the form: ${lines[at]?.slice(0, 200)}`);
      statements.push(...found);
    }
    return { covers, statements };
  };

const inflated = (data: Buffer, path: string): string => {
  try {
    return inflateSync(data, { maxOutputLength: MOST }).toString('utf8');
  } catch (error) {
    throw invalidFeed(path, messageOf(error), error);
  }
};

/** Undefined for a line that is none of its form. */
const statementsOf = (
  line: string,
  names: readonly string[],
  { wanted, name }: FeedContext,
): Statement[] | undefined => {
  const [pack, index, flags, unstable, ...rest] = line.split(',');
  if (pack === undefined || index === undefined || flags === undefined || unstable === undefined || rest.length === 0)
    return undefined;
  if (!/^\d+$/.test(index) || !/^[BS][LMH ][R? ][F ]$/.test(flags)) return undefined;
  const [isBinary, severity] = [flags.startsWith('B'), vendorSeverity(URGENCIES[flags[1] ?? ''], 'Debian urgency')];
  // Commas in the description are its own.
  const [id, , ...words] = names[Number(index)]?.split(',') ?? [];
  if (id === undefined || id === '') return undefined;
  const except = rest
    .join(',')
    .split(' ')
    .filter((one) => one !== '');
  const before = unstable === '' ? undefined : unstable;
  const common = {
    id,
    aliases: [],
    feed: name,
    rank: RANK,
    package: pack,
    isFixed: flags[3] === 'F',
    severities: severity ? [severity] : [],
    summary: words.join(',') || undefined,
    notes: [],
  };
  const says: Says = { kind: 'all-but', before, except };
  // One about a binary package counts for the source of that name as well, where it knows the versions with the fix.
  return [
    ...(isBinary && wanted.binaries.has(pack)
      ? [{ ...common, by: 'binary' as const, says: { kind: 'all-but' as const, before, except: [] } }]
      : []),
    ...(wanted.sources.has(pack) ? [{ ...common, by: 'source' as const, says }] : []),
  ];
};
