/** Package URLs of what a report is about, the same in every form of it. */
import type { Installed, SystemId } from '../inventory.ts';
import { purlText } from '../purl.ts';

const TYPES: Readonly<Record<string, string>> = {
  debian: 'deb',
  ubuntu: 'deb',
  alpine: 'apk',
  wolfi: 'apk',
  chainguard: 'apk',
};
/** As the purl types define their namespaces. */
const VENDORS: Readonly<Record<string, string>> = { rhel: 'redhat' };

export const purlOf = (
  { name, version, architecture, source, sourceVersion }: Installed,
  { id, version: release }: SystemId,
): string => {
  const type = Object.hasOwn(TYPES, id) ? (TYPES[id] ?? 'rpm') : 'rpm';
  const namespace = Object.hasOwn(VENDORS, id) ? (VENDORS[id] ?? id) : id;
  const [, epoch, bare] = (type === 'rpm' ? /^(\d+):(.*)$/.exec(version) : null) ?? [];
  return purlText(
    { type, namespace, name, version: bare ?? version },
    {
      arch: architecture,
      distro: `${id}-${release}`,
      epoch,
      upstream: type === 'deb' && source !== name ? `${source}@${sourceVersion}` : undefined,
    },
  );
};
