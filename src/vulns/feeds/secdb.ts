/**
 * Alpine's and Wolfi's secdb: per origin, which version fixed which CVEs; version `0` says that it never had them. Each of Alpine's
 * repositories has its own.
 */
import { z } from 'zod';
import type { Statement } from '../statement.ts';
import { fixedIn } from '../statement.ts';
import { invalidFeed, parsedJson } from './feed-error.ts';
import type { FeedReader } from './feed-reader.ts';
import { feedText } from './open-feed.ts';

const schema = z.object({
  distroversion: z.string().nullish(),
  reponame: z.string().nullish(),
  packages: z
    .array(
      z.object({
        pkg: z.object({ name: z.string(), secfixes: z.record(z.string(), z.array(z.string()).nullable()).nullish() }),
      }),
    )
    .nullable(),
});

const RANK = 1;

export const readSecdb: FeedReader = async (path, { inventory, wanted, name, signal }) => {
  const found = schema.safeParse(parsedJson(await feedText(path, signal), path));
  if (!found.success) throw invalidFeed(path, z.prettifyError(found.error).slice(0, 500));
  const { distroversion, reponame, packages } = found.data;
  const { id, version } = inventory.system;
  const covers =
    id === 'alpine'
      ? distroversion === `v${version.split('.').slice(0, 2).join('.')}`
      : ['wolfi', 'chainguard'].includes(id) && !distroversion;
  if (!covers) return { covers, statements: [] };
  if (packages === null || packages.length === 0) throw invalidFeed(path, 'it has no packages');
  const statements = packages.flatMap(({ pkg }): Statement[] =>
    wanted.sources.has(pkg.name)
      ? Object.entries(pkg.secfixes ?? {}).flatMap(([fixed, ids]) =>
          (ids ?? []).flatMap((names) => {
            // Several names of one vulnerability stand in one string.
            const words = names.split(/\s+/).filter((word) => word !== '');
            const main = words.find((word) => word.startsWith('CVE-')) ?? words[0];
            if (main === undefined) return [];
            return [
              {
                id: main,
                aliases: words.filter((word) => word !== main),
                feed: name,
                rank: RANK,
                package: pkg.name,
                by: 'source' as const,
                says:
                  fixed === '0' ? { kind: 'not-affected' as const, why: 'this package never had it' } : fixedIn(fixed),
                severities: [],
                notes: [],
              },
            ];
          }),
        )
      : [],
  );
  return { covers, statements, ...(id === 'alpine' ? { parts: reponame ? [reponame] : [] } : {}) };
};
