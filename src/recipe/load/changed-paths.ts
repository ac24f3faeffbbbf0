/** Where two values differ: `network.address`. Lists are compared as a whole, since that is how they are replaced. */
import { canonicalJson } from '../../canonical-json.ts';

export const changedPaths = (one: unknown, other: unknown, at = ''): string[] => {
  if (!isMapping(one) || !isMapping(other))
    return canonicalJson(one ?? null) === canonicalJson(other ?? null) ? [] : [at];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .sort()
    .flatMap((key) => changedPaths(one[key], other[key], at === '' ? key : `${at}.${key}`));
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
