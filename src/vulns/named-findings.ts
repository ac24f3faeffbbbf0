/** What the changelogs of pending updates name, as findings; and updates that no finding tells of. */
import { compareVersions, isVersion, type VersionScheme } from '../formats/packages/versions/versions.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { NOT_SAID } from './severity.ts';
import { feedSource } from './signed-sources.ts';
import type { NamedInChangelog, Update } from './updates.ts';
import { namesOf } from './waivers.ts';

export const NAMED = 'named in the changelog of the update';

/** What updates name, as far as no feed has said more of it. */
export const namedInChangelogs = ({ inventory, updates, matched }: Evidence): Finding[] => {
  const known = new Set(matched.flatMap((one) => namesOf(one).map((name) => `${name} ${one.source}`)));
  return (updates?.changelogs ?? []).flatMap(({ source, cves }) => {
    const newer = (updates?.updates ?? []).filter((one) => one.source === source);
    const names = new Set(newer.map(({ name, architecture }) => `${name} ${architecture}`));
    const packages = inventory.packages.filter(({ name, architecture }) => names.has(`${name} ${architecture}`));
    const [first] = packages;
    if (first === undefined) return [];
    const at = feedSource(first);
    return cves
      .filter((id) => !known.has(`${id} ${at.source}`))
      .map((id): Finding => {
        const fixed = newer[0];
        return {
          id,
          aliases: [],
          source: at.source,
          version: at.version,
          packages,
          state: 'affected',
          isFixable: true,
          fixed: fixed && sourceAt(fixed, fixed.to, fixed.toSource),
          severity: NOT_SAID,
          notes: [NAMED],
          feeds: ['changelog'],
        };
      });
  });
};

/** A security update that no finding tells of, with what its changelog says. */
export interface SilentUpdate extends Update {
  readonly changelog: NamedInChangelog | undefined;
}

/** A finding tells of an update that brings its fix: another vulnerability of the same package says nothing of it. */
export const silentUpdates = (
  { inventory, updates }: Pick<Evidence, 'inventory' | 'updates'>,
  findings: readonly Finding[],
): SilentUpdate[] =>
  (updates?.updates ?? [])
    .filter((one) => one.isSecurity && !findings.some((finding) => isToldBy(one, finding, inventory.scheme)))
    .map((one) => ({ ...one, changelog: updates?.changelogs.find(({ source }) => source === one.source) }));

const isToldBy = (update: Update, { state, packages, fixed }: Finding, scheme: VersionScheme): boolean => {
  if (state !== 'affected' || fixed === undefined) return false;
  if (!packages.some(({ name, architecture }) => name === update.name && architecture === update.architecture))
    return false;
  const [from, to] = [sourceAt(update, update.from, update.fromSource), sourceAt(update, update.to, update.toSource)];
  if (![from, to, fixed].every((one) => isVersion(scheme, one))) return false;
  return compareVersions(scheme, fixed, from) > 0 && compareVersions(scheme, fixed, to) <= 0;
};

/** The version as feeds have it. */
const sourceAt = ({ source }: Update, version: string, sourceVersion: string): string =>
  feedSource({ source, version, sourceVersion }).version;
