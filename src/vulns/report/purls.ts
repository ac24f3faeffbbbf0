/** Package URLs of what a report is about, the same in every form of it and in a bill of materials. */
import { type PackageName, packageUrl } from '../../formats/packages/package-url.ts';
import type { Installed, SystemId } from '../inventory.ts';

const KINDS: Readonly<Record<string, PackageName['kind']>> = {
  debian: 'deb',
  ubuntu: 'deb',
  alpine: 'apk',
  wolfi: 'apk',
  chainguard: 'apk',
};

export const purlOf = (installed: Installed, system: SystemId): string => {
  const { id } = system;
  return packageUrl({ kind: (Object.hasOwn(KINDS, id) ? KINDS[id] : undefined) ?? 'rpm', ...installed }, system);
};
