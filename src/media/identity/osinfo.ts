/** The name of a system in osinfo-db, for virt-install and similar programs: its short ids as templates. */
import type { KnownDistribution } from './known-distribution.ts';

/** By name and release. `{major}` is the first number of the release, `{minor}` the first two. None where osinfo-db has no such system. */
const SHORT_IDS: readonly (readonly [name: RegExp, id: string, release?: RegExp])[] = [
  [/^Debian$/, 'debian{major}'],
  [/^[A-Z]?[a-z]*[Uu]buntu(-Server)?$/, 'ubuntu{minor}'],
  [/^Fedora( Linux)?$/, 'fedora{major}'],
  [/^Red Hat Enterprise Linux$/, 'rhel{minor}'],
  [/^CentOS Stream$/, 'centos-stream{major}'],
  [/^CentOS( Linux)?$/, 'centos{minor}', /^[3-6]\./],
  [/^CentOS( Linux)?$/, 'centos{major}'],
  [/^AlmaLinux$/, 'almalinux{major}'],
  [/^Rocky Linux$/, 'rocky{major}'],
  [/^Oracle Linux/, 'ol{minor}'],
  [/^openSUSE-Leap$/, 'opensuse{minor}'],
  [/^openSUSE-Tumbleweed$/, 'opensusetumbleweed'],
  [/^(SLES?|SUSE Linux Enterprise Server)$/, 'sle{pack}', /^15/],
  [/^(SLES?|SUSE Linux Enterprise Server)$/, 'sles{pack}'],
  [/^Alpine Linux$/, 'alpinelinux{minor}'],
  [/^Arch Linux$/, 'archlinux'],
  [/^NixOS$/, 'nixos-{minor}'],
  [/^elementary OS$/, 'elementary{minor}'],
];

/** Undefined where the release lacks a part that the id needs. */
export const osinfoId = ({ name, release }: KnownDistribution): string | undefined => {
  const template = SHORT_IDS.find(([of, , only]) => of.test(name) && (only?.test(release) ?? true))?.[1];
  if (template === undefined || !template.includes('{')) return template;
  if (/^(testing|rawhide)$/.test(release))
    return template.replace('{major}', release === 'rawhide' ? '-rawhide' : release);
  const [, major, minor] = /^(\d+)(?:\.(\d+))?/.exec(release) ?? [];
  const [, pack] = /-SP(\d+)$/.exec(release) ?? [];
  const values: Readonly<Record<string, string | undefined>> = {
    '{major}': major,
    '{minor}': minor === undefined ? undefined : `${major}.${minor}`,
    '{pack}': major === undefined ? undefined : pack === undefined ? major : `${major}sp${pack}`,
  };
  for (const [key, value] of Object.entries(values))
    if (template.includes(key)) return value === undefined ? undefined : template.replace(key, value);
  return undefined;
};
