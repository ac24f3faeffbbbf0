/** Feeds of a test in a folder as `ingot vulns fetch` leaves it, and what comes of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, temporaryFolder } from '../../src/host/files.ts';
import type { FeedKind } from '../../src/vulns/feeds/feed-index.ts';
import { readFeeds } from '../../src/vulns/feeds/read.ts';
import type { Finding } from '../../src/vulns/finding.ts';
import { type Installed, type Inventory, type SystemId, schemeOf } from '../../src/vulns/inventory.ts';
import { matchStatements } from '../../src/vulns/match.ts';

export interface FeedFile {
  readonly kind: FeedKind;
  readonly scope?: string;
  readonly content: string | Buffer;
  readonly fetched?: string;
}

export const NOW = new Date('2026-11-30T00:00:00Z');

export const writeFeeds = async (folder: string, feeds: readonly FeedFile[]): Promise<void> => {
  const listed = [];
  for (const [nth, { kind, scope, content, fetched = '2026-11-29T00:00:00Z' }] of feeds.entries()) {
    const file = `${kind}-${nth}`;
    await writeFile(join(folder, file), content);
    const size = Buffer.byteLength(content);
    listed.push({
      kind,
      ...(scope === undefined ? {} : { scope }),
      file,
      sha256: sha256(content),
      size,
      from: 'test',
      fetched,
    });
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify({ version: 1, feeds: listed }));
};

/** `openssl 3.0.11-1 (source 3.0.11-1) amd64`: name, version, then what differs. */
export const installed = (name: string, version: string, more: Partial<Installed> = {}): Installed => ({
  name,
  version,
  architecture: 'amd64',
  source: name,
  sourceVersion: version,
  origin: 'vendor',
  ...more,
});

export const DEBIAN: SystemId = { id: 'debian', version: '12', codename: 'bookworm' };

export const inventoryOf = (system: SystemId, packages: readonly Installed[]): Inventory => ({
  subject: '/image',
  system,
  scheme: schemeOf(system.id),
  packages,
});

export const findingsOf = async (feeds: readonly FeedFile[], inventory: Inventory): Promise<Finding[]> => {
  await using folder = await temporaryFolder();
  await writeFeeds(folder.path, feeds);
  const { facts, statements } = await readFeeds(folder.path, inventory, { now: NOW, maxAge: 7 });
  for (const { name, unusable } of facts) if (unusable !== undefined) throw new Error(`${name}: ${unusable}`);
  return matchStatements(inventory, statements);
};

/** `CVE-2026-1 openssl affected 3.0.12-1`, sorted. */
export const shortly = (findings: readonly Finding[]): string[] =>
  findings
    .map(({ id, source, state, fixed }) => [id, source, state, ...(fixed === undefined ? [] : [fixed])].join(' '))
    .sort();
