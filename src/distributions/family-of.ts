/** Which family of systems a disk image holds, by its own os-release(5): for images that Ingot has not made. */
import type { GuestFiles } from '../capture/guest-files.ts';
import type { Family } from '../recipe/schema.ts';

export type OsRelease = ReadonlyMap<string, string>;

/** Empty when the system has none. The one in /etc takes the place of the vendor's. */
export const osRelease = async (files: Pick<GuestFiles, 'text'>): Promise<OsRelease> =>
  parseOsRelease((await files.text('/etc/os-release')) ?? (await files.text('/usr/lib/os-release')) ?? '');

/** Lines of a shell, which may quote a value and write `\` before `"$`\`. */
export const parseOsRelease = (text: string): OsRelease =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value = ''] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquoted(value)] as const];
    }),
  );

const unquoted = (value: string): string => {
  const [, single] = /^'(.*)'$/.exec(value) ?? [];
  if (single !== undefined) return single;
  return value.replace(/^"(.*)"$/, '$1').replaceAll(/\\(["$`\\])/g, '$1');
};

/** Systems that others say they are like; those of the RHEL family are like Fedora too, which has a family of its own. */
const FAMILIES: ReadonlyMap<string, Family> = new Map([
  ['debian', 'debian'],
  ['ubuntu', 'debian'],
  ['rhel', 'redhat'],
  ['centos', 'redhat'],
  ['rocky', 'redhat'],
  ['almalinux', 'redhat'],
  ['ol', 'redhat'],
  ['fedora', 'fedora'],
]);

/** `ID`, then each word of `ID_LIKE`, the nearest first. Undefined for a system of no known family. */
export const familyOf = (release: OsRelease): Family | undefined =>
  [release.get('ID') ?? '', ...(release.get('ID_LIKE') ?? '').split(/\s+/)]
    .map((id) => FAMILIES.get(id.toLowerCase()))
    .find((family) => family !== undefined);
