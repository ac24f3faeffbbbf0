/** From locked recipes to a bundle: what is needed is collected, and what an older bundle has is left to that one. */
import { basename } from 'node:path';
import { IngotError } from '../errors.ts';
import { fileRef } from '../host/files.ts';
import { ingotVersion } from '../host/project.ts';
import { BUNDLE_FORMAT, type BundleEntry, type BundleIndex } from './bundle-index.ts';
import { feedContents } from './bundled-feeds.ts';
import type { Collected } from './collect.ts';
import { openBundle } from './read-bundle.ts';
import { type Content, type WriteOptions, type Written, writeBundle } from './write-bundle.ts';

export interface ExportOptions extends Pick<WriteOptions, 'reporter' | 'signal'> {
  readonly name: string;
  /** An older bundle, whose contents are not written again. */
  readonly base?: string | undefined;
  /** A folder with feeds of vulnerabilities. */
  readonly feeds?: string | undefined;
  /** An archive of Ingot itself. */
  readonly ingot?: string | undefined;
}

export interface Exported extends Written {
  readonly index: BundleIndex;
}

export const exportBundle = async (file: string, collected: Collected, options: ExportOptions): Promise<Exported> => {
  const { name, reporter, signal } = options;
  const contents = new Map<string, Content>(collected.contents);
  const own: BundleEntry[] = [];
  if (options.ingot !== undefined) {
    const { size, sha256 } = await fileRef(options.ingot, signal);
    own.push({ path: 'ingot.tar', size, sha256, what: 'ingot' });
    contents.set(sha256, options.ingot);
  }
  for (const { entry, content } of options.feeds === undefined ? [] : await feedContents(options.feeds)) {
    own.push(entry);
    contents.set(entry.sha256, content);
  }
  const base = options.base === undefined ? undefined : await baseOf(options.base);
  const entries = [...own, ...collected.entries].map(
    (entry): BundleEntry => (base?.has.has(entry.sha256) === true ? { ...entry, in: 'base' } : entry),
  );
  const index: BundleIndex = {
    ingotBundle: BUNDLE_FORMAT,
    ingot: ingotVersion(),
    name,
    recipes: [...collected.recipes],
    secrets: [...collected.secrets],
    ...(base === undefined ? {} : { base: { name: base.name, index: base.index } }),
    links: collected.links,
    folders: collected.folders,
    entries,
  };
  const contentOf = ({ sha256, path }: BundleEntry): Content => {
    const content = contents.get(sha256);
    if (content !== undefined) return content;
    throw new IngotError('bundle.input-changed', `${path} has no content`, {
      hint: 'Write the lock again, and export again.',
    });
  };
  const isPrivate = entries.some(({ what }) => what === 'secret');
  return { index, ...(await writeBundle(file, index, { contentOf, isPrivate, reporter, signal })) };
};

/** Whole contents of it count alone: it may itself need an older one, which then has to be there too. */
const baseOf = async (path: string) => {
  await using bundle = await openBundle(path);
  return {
    name: basename(path),
    index: bundle.indexDigest,
    has: new Set(bundle.index.entries.map(({ sha256 }) => sha256)),
  };
};
