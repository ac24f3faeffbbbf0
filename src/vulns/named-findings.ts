/** What the changelogs of pending updates name, as findings; and updates that name nothing. */
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { NOT_SAID } from './severity.ts';
import { feedSource } from './signed-sources.ts';
import type { KnownUpdates, Update } from './updates.ts';
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
        const fixed = newer[0]?.toSource;
        return {
          id,
          aliases: [],
          source: at.source,
          version: at.version,
          packages,
          state: 'affected',
          isFixable: true,
          fixed,
          severity: NOT_SAID,
          notes: [NAMED],
          feeds: ['changelog'],
        };
      });
  });
};

/** Security updates whose changelog names nothing, and that no feed has told of either. */
export const silentUpdates = (updates: KnownUpdates | undefined, findings: readonly Finding[]): Update[] => {
  const told = new Set(
    findings.flatMap(({ state, packages }) => (state === 'affected' ? packages.map(({ name }) => name) : [])),
  );
  return (updates?.updates ?? []).filter(({ isSecurity, name }) => isSecurity && !told.has(name));
};
