/** Repositories that every system of a kind has, where a vendor publishes a feed for each of them. */

import type { SystemId } from './inventory.ts';
import type { FeedFacts } from './report.ts';

/** Of the RHEL family since release 8. */
export const REPOSITORIES = ['BaseOS', 'AppStream'] as const;

const OF_SYSTEMS: Readonly<Record<string, readonly string[]>> = {
  alpine: ['main', 'community'],
  rhel: REPOSITORIES,
  almalinux: REPOSITORIES,
  rocky: REPOSITORIES,
  centos: REPOSITORIES,
  ol: REPOSITORIES,
};

/** Those that no feed speaks of. One that is about all of the system leaves none out. */
export const missingRepositories = (feeds: readonly FeedFacts[], { id, version }: SystemId): readonly string[] => {
  const usable = feeds.filter(({ covers, unusable }) => covers && unusable === undefined);
  const all = Object.hasOwn(OF_SYSTEMS, id) ? (OF_SYSTEMS[id] ?? []) : [];
  const isOlder = id !== 'alpine' && Number.parseInt(version, 10) < 8;
  if (usable.length === 0 || isOlder || usable.some(({ parts }) => parts === undefined)) return [];
  return all.filter((one) => !usable.some(({ parts }) => parts?.includes(one)));
};
