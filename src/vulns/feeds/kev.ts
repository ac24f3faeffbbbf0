/** CISA's catalogue of known exploited vulnerabilities: JSON, one entry a CVE (its schema `known_exploited_vulnerabilities_schema.json`). */
import { z } from 'zod';
import { invalidFeed, parsedJson } from './feed-error.ts';
import { feedText } from './open-feed.ts';

const schema = z.object({
  catalogVersion: z.string(),
  vulnerabilities: z.array(z.object({ cveID: z.string().regex(/^CVE-\d{4}-\d+$/) })),
});

/** An empty catalogue would make all look harmless, and is refused. Throws `vulns.feed-invalid`. */
export const readKev = async (path: string, signal?: AbortSignal): Promise<ReadonlySet<string>> => {
  const found = schema.safeParse(parsedJson(await feedText(path, signal), path));
  if (!found.success) throw invalidFeed(path, z.prettifyError(found.error).slice(0, 500));
  if (found.data.vulnerabilities.length === 0) throw invalidFeed(path, 'the catalogue is empty');
  return new Set(found.data.vulnerabilities.map(({ cveID }) => cveID));
};
