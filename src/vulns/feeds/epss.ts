/**
 * FIRST's scores of how probable it is that a vulnerability is exploited: CSV, mostly gzipped. A comment has the model and the day, a
 * head the names of the columns (`cve,epss,percentile`), and each line one CVE.
 */
import { invalidFeed } from './feed-error.ts';
import { feedText } from './open-feed.ts';

/** Throws `vulns.feed-invalid`. */
export const readEpss = async (path: string, signal?: AbortSignal): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>();
  let column = -1;
  for (const line of (await feedText(path, signal)).split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split(',', 8);
    if (column < 0) {
      column = cells.indexOf('epss');
      if (cells[0] !== 'cve' || column < 0) throw invalidFeed(path, 'its columns are not cve,epss,percentile');
      continue;
    }
    const [cve = '', score = ''] = [cells[0], cells[column]];
    const value = Number(score);
    if (!/^CVE-\d{4}-\d+$/.test(cve) || score === '' || !(value >= 0 && value <= 1))
      throw invalidFeed(path, `a line is no score: ${line.slice(0, 60)}`);
    found.set(cve, value);
  }
  if (found.size === 0) throw invalidFeed(path, 'it has no scores');
  return found;
};
