/** Debian's `md5sum.txt`: a sum and `./path` on each line, for all files but the list itself and the boot catalog. */
import { createHash } from 'node:crypto';

export const md5 = (data: Uint8Array | string): string => createHash('md5').update(data).digest('hex');

const LINE = /^([0-9a-f]{32})( [ *])(.+)$/;

/** Path on the medium (`/dists/…`) to its sum. */
export const parseSums = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, sum, , name] = LINE.exec(line) ?? [];
      return sum === undefined || name === undefined ? [] : [[mediumPath(name), sum] as const];
    }),
  );

export const formatSums = (sums: ReadonlyMap<string, string>): string =>
  [...sums]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([path, sum]) => `${sum}  .${path}\n`)
    .join('');

/**
 * The list with new sums: an existing line is changed in its place, the others come at the end in order; lines of
 * files that are gone go.
 */
export const updateSums = (
  text: string,
  sums: ReadonlyMap<string, string>,
  gone: ReadonlySet<string> = new Set(),
): string => {
  const left = new Map(sums);
  const lines = text.split('\n').flatMap((line) => {
    const [, , gap, name] = LINE.exec(line) ?? [];
    const path = name === undefined ? '' : mediumPath(name);
    const sum = left.get(path);
    if (sum === undefined) return gone.has(path) ? [] : [line];
    left.delete(path);
    return [`${sum}${gap}${name}`];
  });
  const body = lines.join('\n');
  return `${body}${body === '' || body.endsWith('\n') ? '' : '\n'}${formatSums(left)}`;
};

const mediumPath = (name: string): string => `/${name.replace(/^(\.?\/)+/, '')}`;
