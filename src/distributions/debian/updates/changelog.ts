/** Debian changelogs (deb-changelog(5)): which CVEs the entries above an installed version name. */
import { compareVersions, isVersion } from '../../../formats/packages/versions/versions.ts';

const HEAD = /^[a-z0-9][a-z0-9.+-]* \(([^()\s]+)\) [^;]*;/i;
const CVE = /\bCVE-\d{4}-\d{4,}\b/g;
/** A line that says so is about what is left open. */
const NOT_FIXED =
  /\b(?:not (?:yet )?(?:fixed|affected|vulnerable)|no-dsa|postponed|deferred|unfixed|still (?:open|vulnerable)|reverts?|does not affect)\b/i;

/** In the order of the text, each once. `installed` is the source's version. */
export const namedAbove = (changelog: string, installed: string): string[] => {
  const found = new Set<string>();
  let isAbove = false;
  for (const line of changelog.split('\n')) {
    const version = HEAD.exec(line)?.[1];
    if (version !== undefined) isAbove = isVersion('dpkg', version) && compareVersions('dpkg', version, installed) > 0;
    if (!isAbove || NOT_FIXED.test(line)) continue;
    for (const [id] of line.matchAll(CVE)) found.add(id);
  }
  return [...found];
};
