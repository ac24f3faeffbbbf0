/** Feeds of vulnerabilities in a bundle, so that a rebuild without a network can be held against a policy that asks for them. */
import { join } from 'node:path';
import { sha256 } from '../host/files.ts';
import { INDEX_FILE, requireFeedIndex } from '../vulns/feeds/feed-index.ts';
import type { BundleEntry, BundleIndex } from './bundle-index.ts';
import type { Content } from './write-bundle.ts';

const FOLDER = 'feeds';

/**
 * The list as it is, and each file as the list has it: one that is another by now is refused when it is written. Throws
 * `vulns.no-feeds` or `vulns.index-invalid`.
 */
export const feedContents = async (
  folder: string,
): Promise<readonly { readonly entry: BundleEntry; readonly content: Content }[]> => {
  const index = await requireFeedIndex(folder);
  const list = Buffer.from(`${JSON.stringify(index, null, 2)}\n`);
  const of = (path: string, identity: Pick<BundleEntry, 'size' | 'sha256'>, content: Content) => ({
    entry: { path: `${FOLDER}/${path}`, ...identity, what: 'feed' as const },
    content,
  });
  return [
    of(INDEX_FILE, { size: list.length, sha256: sha256(list) }, list),
    ...index.feeds.map(({ file, size, sha256: digest }) => of(file, { size, sha256: digest }, join(folder, file))),
  ];
};

/** Where they lie in a bundle that was unpacked to `folder`; undefined where it has none. */
export const unpackedFeeds = ({ entries }: BundleIndex, folder: string): string | undefined =>
  entries.some(({ what }) => what === 'feed') ? join(folder, FOLDER) : undefined;
