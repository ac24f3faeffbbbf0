/** Which distribution a medium installs, and by which installer: told from the files that its makers put there for that. */

import { parseTreeinfo, TREEINFO } from './checks/treeinfo.ts';
import { type Medium, readMediumText } from './iso/medium.ts';
import type { MenuEntry } from './menus/entry.ts';

export type Installer = 'debian-installer' | 'anaconda' | 'subiquity' | 'casper' | 'yast' | 'agama' | 'unknown';

export interface Distribution {
  readonly name: string;
  readonly release: string;
  /** As the distribution calls it; `unknown` when it does not say. */
  readonly arch: string;
}

export interface Identity {
  readonly distribution: Distribution | undefined;
  readonly installer: Installer;
  /** Files that told it. */
  readonly recognisedBy: readonly string[];
  /** The line of `.disk/info`, as Debian's and Ubuntu's media have it. */
  readonly diskInfo: string | undefined;
}

export const identify = async (medium: Medium, entries: readonly MenuEntry[]): Promise<Identity> => {
  const read = async (path: string): Promise<string | undefined> =>
    medium.files.has(path) ? (await readMediumText(medium, path)).trim() : undefined;
  const diskInfo = await read('/.disk/info');
  const sources: (readonly [string, Distribution | undefined])[] = [
    ['/.disk/info', distributionOf(diskInfo ?? '')],
    [TREEINFO, ofTreeinfo((await read(TREEINFO)) ?? '')],
    ['/.discinfo', ofDiscinfo((await read('/.discinfo')) ?? '')],
    ['/media.repo', ofMediaRepo((await read('/media.repo')) ?? '')],
    ['/media.1/media', ofSuseMedia((await read('/media.1/media')) ?? '')],
    ['volume id', ofVolumeId(medium.volume.volumeId)],
  ];
  const [told] = sources.filter(([, distribution]) => distribution !== undefined);
  const { installer, by } = installerOf(medium, entries);
  const recognisedBy = [...new Set([...(told === undefined ? [] : [told[0]]), ...by])];
  return { distribution: told?.[1], installer, recognisedBy, diskInfo };
};

/** `Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST with firmware 20241109-11:05` */
export const distributionOf = (info: string): Distribution | undefined => {
  const [, name, release, rest = ''] = /^(\S+).*?\s(\d[\d.]*)\S*\s*(.*)$/.exec(info) ?? [];
  const arch = /\b(amd64|arm64|i386|armhf|armel|ppc64el|s390x|riscv64|multi-arch)\b/.exec(rest)?.[1] ?? 'unknown';
  return name === undefined || release === undefined ? undefined : { name, release, arch };
};

/** `[release] name, version` and `[tree] arch`; older ones have `[general] family, version, arch` alone. */
const ofTreeinfo = (text: string): Distribution | undefined => {
  const sections = parseTreeinfo(text);
  const value = (section: string, key: string): string | undefined => sections.get(section)?.get(key);
  const name = value('release', 'name') ?? value('general', 'family');
  const release = value('release', 'version') ?? value('general', 'version');
  const arch = value('tree', 'arch') ?? value('general', 'arch') ?? 'unknown';
  return name === undefined || release === undefined ? undefined : { name, release, arch };
};

/**
 * Lines of a time, a name with a version, and an architecture. Fedora's second line is the version alone; others that
 * leave out their name are told by what else is there.
 */
const ofDiscinfo = (text: string): Distribution | undefined => {
  const [time = '', title = '', arch = 'unknown'] = text.split(/\r?\n/);
  const [, name = '', release] = /^(.*?)\s*(\d[\d.]*)\s*$/.exec(title) ?? [];
  if (!/^\d+(\.\d+)?$/.test(time) || release === undefined) return undefined;
  if (name === '' && Number.parseInt(release, 10) < OLDEST_FEDORA) return undefined;
  return { name: name === '' ? 'Fedora' : name, release, arch };
};

/** No release of another family comes near. */
const OLDEST_FEDORA = 22;

/** `[InstallMedia]` with `name=Red Hat Enterprise Linux 9.4.0`; no architecture. */
const ofMediaRepo = (text: string): Distribution | undefined => {
  const [, name, release] = /^name\s*=\s*(.*?)\s+(\d[\d.]*)\s*$/m.exec(text) ?? [];
  return name === undefined || release === undefined ? undefined : { name, release, arch: 'unknown' };
};

const VOLUME_NAMES: Readonly<Record<string, string>> = {
  RHEL: 'Red Hat Enterprise Linux',
  Rocky: 'Rocky Linux',
  AlmaLinux: 'AlmaLinux',
  'CentOS-Stream': 'CentOS Stream',
  OL: 'Oracle Linux',
};

/** `RHEL-9-4-0-BaseOS-x86_64`, `Rocky-9-4-x86_64-dvd`, `CentOS-Stream-9-BaseOS-x86_64`; `Fedora-S-dvd-x86_64-40` */
const ofVolumeId = (volumeId: string): Distribution | undefined => {
  const [arch = 'unknown'] = /x86_64|aarch64|ppc64le|s390x/.exec(volumeId) ?? [];
  const [, short = '', major, minor] =
    /^(RHEL|Rocky|AlmaLinux|CentOS-Stream|OL)-(\d+)(?:[-.](\d+))?(?:-|$)/.exec(volumeId) ?? [];
  const name = VOLUME_NAMES[short];
  if (name !== undefined && major !== undefined)
    return { name, release: minor === undefined ? major : `${major}.${minor}`, arch };
  const [, fedora] = /^Fedora-.*-(\d+)$/.exec(volumeId) ?? [];
  return fedora === undefined ? undefined : { name: 'Fedora', release: fedora, arch };
};

/** `SUSE - openSUSE-Leap-15.6-DVD-x86_64-Build709.1-Media` and its like. */
const ofSuseMedia = (text: string): Distribution | undefined => {
  const [, name, release, arch] =
    /(?:^|\s)((?:openSUSE|SUSE|SLE)[A-Za-z-]*?)-(\d[\d.]*(?:-SP\d+)?)-.*?\b(x86_64|aarch64|ppc64le|s390x)/m.exec(
      text,
    ) ?? [];
  return name === undefined || release === undefined || arch === undefined ? undefined : { name, release, arch };
};

/** `agama`, or what its live/src/fix_bootconfig makes of the profile: `Install-SLES-x86_64`. */
const isAgama = (volumeId: string): boolean => /^(agama|Install-.+-(x86_64|aarch64|ppc64le|s390x))$/i.test(volumeId);

interface Recognised {
  readonly installer: Installer;
  readonly by: readonly string[];
}

const installerOf = ({ files, volume }: Medium, entries: readonly MenuEntry[]): Recognised => {
  const first = (pattern: RegExp): string[] => [...files.keys()].filter((path) => pattern.test(path)).slice(0, 1);
  const words = entries.flatMap((entry) => entry.arguments);
  const candidates: (readonly [Installer, readonly string[]])[] = [
    ['subiquity', first(/^\/casper\/install-sources\.yaml$/)],
    ['casper', first(/^\/casper\/(vmlinuz|.*\.squashfs)/)],
    ['debian-installer', first(/^\/install(\.[a-z0-9]+)?\/([^/]+\/)*initrd\.gz$/)],
    ['agama', words.filter((word) => /\bagama\b/i.test(word)).slice(0, 1)],
    ['agama', isAgama(volume.volumeId) ? first(/^\/LiveOS\/squashfs\.img$/) : []],
    ['yast', files.has('/media.1/media') ? first(/^\/boot\/[^/]+\/(root|loader\/initrd|initrd)$/) : []],
    ['anaconda', first(/^\/images\/(install\.img|product\.img)$/)],
    ['anaconda', files.has('/.discinfo') || files.has(TREEINFO) ? first(/^\/images\/pxeboot\/initrd\.img$/) : []],
    ['anaconda', words.filter((word) => /^inst\.(stage2|repo)=/.test(word)).slice(0, 1)],
  ];
  const [found] = candidates.filter(([, by]) => by.length > 0);
  return found === undefined ? { installer: 'unknown', by: [] } : { installer: found[0], by: found[1] };
};
