/** Fetches feeds into a folder that an air gap can take in: the files, and a list with their digests and dates. */
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { IngotError } from '../../errors.ts';
import { fileRef, sha256, temporaryFolder, writeFileWhole } from '../../host/files.ts';
import { makeFolders } from '../../host/folders.ts';
import { download } from '../../origin/download.ts';
import type { Reporter } from '../../report.ts';
import {
  FEED_KINDS,
  type FeedIndex,
  feedName,
  INDEX_FILE,
  type IndexedFeed,
  isFeedKind,
  readFeedIndex,
} from './feed-index.ts';
import type { FeedSource } from './feed-sources.ts';

/** `KIND[@SCOPE]=ADDRESS`. Throws `usage.feed`. */
export const parseFeedSource = (text: string): FeedSource => {
  const [, kind = '', scope, from] = /^([a-z-]+)(?:@([^=]+))?=(.+)$/.exec(text) ?? [];
  if (from === undefined || !isFeedKind(kind))
    throw new IngotError('usage.feed', `"${text}" is no feed`, {
      hint: `Write it as KIND=ADDRESS or KIND@SCOPE=ADDRESS; kinds: ${FEED_KINDS.join(', ')}.`,
    });
  if ((kind === 'updateinfo' || kind === 'debsecan') && scope === undefined)
    throw new IngotError('usage.feed', `${kind} does not say of which release it is`, {
      hint: kind === 'debsecan' ? 'Name the suite: debsecan@bookworm=ADDRESS.' : 'Name it: updateinfo@rocky:9=ADDRESS.',
    });
  if (/^http:/.test(from))
    throw new IngotError('usage.feed', 'a feed is as safe as its connection, and this is not https', {
      where: from,
      hint: 'Name an https address, or a file.',
    });
  return { kind, scope, from };
};

export interface FetchOptions {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
  readonly now: Date;
}

const MOST = 2 * 2 ** 30;

/** A feed that is there already is replaced when the new one has come; others of the folder stay. */
export const fetchFeeds = async (
  folder: string,
  sources: readonly FeedSource[],
  options: FetchOptions,
): Promise<FeedIndex> => {
  await makeFolders(folder);
  const before = (await readFeedIndex(folder))?.feeds ?? [];
  await using work = await temporaryFolder('.fetch-', folder);
  const fetched: IndexedFeed[] = [];
  for (const source of sources) {
    const { kind, scope, from } = source;
    options.reporter.phase(feedName(source));
    const part = join(work.path, 'part');
    await rm(part, { force: true });
    const isRemote = /^https:/.test(from);
    if (isRemote) await download(from, part, { ...options, field: 'the feed', small: { most: MOST } });
    else await copyFile(resolve(from), part);
    const { size, sha256: digest } = await fileRef(part, options.signal);
    const file = `${kind}-${sha256(`${scope ?? ''} ${from}`).slice(0, 8)}`;
    // A file of this host is as old as it says.
    const date = isRemote ? options.now : (await stat(resolve(from))).mtime;
    await rename(part, join(folder, file));
    fetched.push({
      kind,
      ...(scope === undefined ? {} : { scope }),
      file,
      sha256: digest,
      size,
      from: withoutLogin(from),
      fetched: date.toISOString(),
    });
  }
  const names = new Set(fetched.map(({ file }) => file));
  const index: FeedIndex = { version: 1, feeds: [...before.filter(({ file }) => !names.has(file)), ...fetched] };
  await writeFileWhole(join(folder, INDEX_FILE), `${JSON.stringify(index, null, 2)}\n`);
  return index;
};

const withoutLogin = (from: string): string => from.replace(/^(https:\/\/)[^/]*@/, '$1').replace(/\?.*$/, '');
