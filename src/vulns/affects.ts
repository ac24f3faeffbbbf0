/** Whether a statement concerns a version, and which version is the first without it. */
import { compareVersions, isVersion, type VersionScheme } from '../formats/packages/versions/versions.ts';
import type { RangeEvent, Says } from './statement.ts';

export type Affects =
  | { readonly state: 'affected'; readonly fixed: string | undefined }
  | { readonly state: 'not-affected'; readonly why: string }
  | { readonly state: 'unsure'; readonly why: string };

export const affects = (says: Says, version: string, scheme: VersionScheme): Affects => {
  if (says.kind === 'not-affected' || says.kind === 'unsure') return { state: says.kind, why: says.why };
  if (!isVersion(scheme, version)) return { state: 'unsure', why: `${version} is no version of ${scheme}` };
  const odd = oddVersion(says, scheme);
  if (odd !== undefined) return { state: 'unsure', why: `the feed's version ${odd.slice(0, 60)} is none of ${scheme}` };
  return says.kind === 'all-but' ? allBut(says, version, scheme) : inRanges(says, version, scheme);
};

const allBut = (
  { before, except }: Extract<Says, { kind: 'all-but' }>,
  version: string,
  scheme: VersionScheme,
): Affects => {
  const isOlder = before === undefined || compareVersions(scheme, version, before) < 0;
  const isListed = except.some((one) => compareVersions(scheme, version, one) === 0);
  if (!isOlder || isListed) return { state: 'not-affected', why: 'this version has the fix' };
  const fixes = [...except, ...(before === undefined ? [] : [before])];
  return { state: 'affected', fixed: nextOf(fixes, version, scheme) };
};

const inRanges = (
  { ranges, versions }: Extract<Says, { kind: 'affected' }>,
  version: string,
  scheme: VersionScheme,
): Affects => {
  const hit = ranges.find((events) => isWithin(events, version, scheme));
  const isListed = versions.some((one) => one === version || isSame(one, version, scheme));
  if (hit === undefined && !isListed)
    return { state: 'not-affected', why: 'this version is outside of what is affected' };
  const fixes = (hit === undefined ? ranges.flat() : hit).flatMap((event) => ('fixed' in event ? [event.fixed] : []));
  return { state: 'affected', fixed: nextOf(fixes, version, scheme) };
};

/** A list may have what is no version of this system; it equals nothing. */
const isSame = (one: string, version: string, scheme: VersionScheme): boolean =>
  isVersion(scheme, one) && compareVersions(scheme, one, version) === 0;

/** OSV schema, "Evaluation": events in the order of their versions; a limit holds for the whole range. */
const isWithin = (events: readonly RangeEvent[], version: string, scheme: VersionScheme): boolean => {
  const limits = events.flatMap((event) => ('limit' in event ? [event.limit] : []));
  if (limits.length > 0 && !limits.some((one) => one === '*' || compareVersions(scheme, version, one) < 0))
    return false;
  let within = false;
  const inOrder = events.toSorted(
    (one, other) => compareAt(versionOf(one), versionOf(other), scheme) || weight(one) - weight(other),
  );
  for (const event of inOrder) {
    const order = compareAt(version, versionOf(event), scheme);
    if ('introduced' in event && order >= 0) within = true;
    if ('fixed' in event && order >= 0) within = false;
    if ('last' in event && order > 0) within = false;
  }
  return within;
};

const compareAt = (one: string, other: string, scheme: VersionScheme): number => {
  if (one === '0' || other === '0') return one === other ? 0 : one === '0' ? -1 : 1;
  return compareVersions(scheme, one, other);
};

/** What begins and ends at one version has ended there. */
const weight = (event: RangeEvent): number => ('introduced' in event ? 0 : 1);

const versionOf = (event: RangeEvent): string => {
  if ('introduced' in event) return event.introduced;
  if ('fixed' in event) return event.fixed;
  return 'last' in event ? event.last : event.limit;
};

/** The nearest that is newer. */
const nextOf = (fixes: readonly string[], version: string, scheme: VersionScheme): string | undefined =>
  fixes
    .filter((one) => compareVersions(scheme, one, version) > 0)
    .toSorted((one, other) => compareVersions(scheme, one, other))[0];

/** `0` is before all versions, `*` after all; what else is none makes the statement worthless. */
const oddVersion = (
  says: Extract<Says, { kind: 'affected' | 'all-but' }>,
  scheme: VersionScheme,
): string | undefined => {
  const all =
    says.kind === 'all-but'
      ? [...says.except, ...(says.before === undefined ? [] : [says.before])]
      : says.ranges.flat().map(versionOf);
  return all.find((one) => one !== '0' && one !== '*' && !isVersion(scheme, one));
};
