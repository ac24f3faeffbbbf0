/**
 * FIRST's scores of how probable it is that a vulnerability is exploited: CSV, mostly gzipped. A comment has the model and the day, a
 * head the names of the columns (`cve,epss,percentile`), and each line one CVE.
 */
import { invalidFeed } from './feed-error.ts';
import { feedLines } from './open-feed.ts';

export interface Scores {
  /** How many there are, wanted or not. */
  readonly count: number;
  readonly probabilities: ReadonlyMap<string, number>;
}

/** There are hundreds of thousands: those that are not `wanted` are looked at, and not kept. Throws `vulns.feed-invalid`. */
export const readEpss = async (path: string, wanted: ReadonlySet<string>, signal?: AbortSignal): Promise<Scores> => {
  const probabilities = new Map<string, number>();
  let [count, column] = [0, -1];
  for await (const lines of feedLines(path, signal))
    for (const text of lines) {
      const line = text.trimEnd();
      if (line === '' || line.startsWith('#')) continue;
      const cells = line.split(',', 8);
      const [cve = ''] = cells;
      if (column < 0) {
        column = cells.indexOf('epss');
        if (cve !== 'cve' || column < 0) throw invalidFeed(path, 'its columns are not cve,epss,percentile');
        continue;
      }
      const score = cells[column] ?? '';
      const value = Number(score);
      if (!/^CVE-\d{4}-\d+$/.test(cve) || score === '' || !(value >= 0 && value <= 1))
        throw invalidFeed(path, `a line is no score: ${line.slice(0, 60)}`);
      count += 1;
      if (wanted.has(cve)) probabilities.set(cve, value);
    }
  if (count === 0) throw invalidFeed(path, 'it has no scores');
  return { count, probabilities };
};
