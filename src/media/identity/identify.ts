/** Which distribution a medium installs, and by which installer: read from the files that its makers put there for that. */

import { parseTreeinfo, TREEINFO } from '../checks/treeinfo.ts';
import { type Medium, readMediumText } from '../iso/medium.ts';
import type { MenuEntry } from '../menus/entry.ts';
import { type InstallerKind, installerOf } from './installer-kind.ts';
import type { KnownDistribution } from './known-distribution.ts';
import { osinfoId } from './osinfo.ts';
import { ofVolumeId } from './volume-ids.ts';

export interface Identity {
  readonly distribution: KnownDistribution | undefined;
  /** Its short id in osinfo-db, where that has the system. */
  readonly osinfo: string | undefined;
  readonly installer: InstallerKind;
  /** The files that say so. */
  readonly recognisedBy: readonly string[];
  /** The line of `.disk/info`, as Debian's and Ubuntu's media have it. */
  readonly diskInfo: string | undefined;
}

export const identify = async (medium: Medium, entries: readonly MenuEntry[]): Promise<Identity> => {
  const read = async (path: string): Promise<string | undefined> =>
    medium.files.has(path) ? (await readMediumText(medium, path)).trim() : undefined;
  const diskInfo = await read('/.disk/info');
  const sources: (readonly [string, KnownDistribution | undefined])[] = [
    ['/.disk/info', distributionOnMedium(diskInfo ?? '')],
    [TREEINFO, ofTreeinfo((await read(TREEINFO)) ?? '')],
    ['/.discinfo', ofDiscinfo((await read('/.discinfo')) ?? '')],
    ['/media.repo', ofMediaRepo((await read('/media.repo')) ?? '')],
    ['/media.1/media', ofSuseMedia((await read('/media.1/media')) ?? '')],
    ['/.cd-info', ofProxmox((await read('/.cd-info')) ?? '')],
    ['/arch/version', ofArch((await read('/arch/version')) ?? '')],
    ['volume id', ofVolumeId(medium.volume.volumeId)],
    ['menu', ofTitles(entries)],
  ];
  const [told] = sources.filter(([, distribution]) => distribution !== undefined);
  const { installer, by } = installerOf(medium, entries, told?.[1]);
  const recognisedBy = [...new Set([...(told === undefined ? [] : [told[0]]), ...by])];
  const osinfo = told?.[1] === undefined ? undefined : osinfoId(told[1]);
  return { distribution: told?.[1], osinfo, installer, recognisedBy, diskInfo };
};

/**
 * `Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST with firmware 20241109-11:05`,
 * `Linux Mint 22 "Wilma" - Release amd64 20240722`; live media of Debian begin with `Official` and have no dash.
 */
export const distributionOnMedium = (info: string): KnownDistribution | undefined => {
  const line = info.replace(/^Official /, '');
  const [, title, release, rest = ''] =
    /^([^"\d]+?)\s+(\d[\d.]*|testing|unstable)(?:[^\s\d.]\S*)?(?:\s+(.*))?$/.exec(line) ?? [];
  const name = title?.replace(/ GNU\/Linux/, '').replace(/ Live$/, '');
  const arch = /\b(amd64|arm64|i386|armhf|armel|ppc64el|s390x|riscv64|multi-arch)\b/.exec(rest)?.[1] ?? 'unknown';
  return name === undefined || release === undefined ? undefined : { name, release, arch };
};

/**
 * `[release] name, version` and `[tree] arch`; older ones have `[general] family, version, arch` alone, those of XenServer
 * and XCP-ng `[branding] name, version`.
 */
const ofTreeinfo = (text: string): KnownDistribution | undefined => {
  const sections = parseTreeinfo(text);
  const value = (section: string, key: string): string | undefined => sections.get(section)?.get(key);
  const first = (key: string, general: string): string | undefined =>
    value('release', key) ?? value('branding', key) ?? value('general', general);
  const name = first('name', 'family');
  const release = first('version', 'version');
  const arch = value('tree', 'arch') ?? value('general', 'arch') ?? 'unknown';
  return name === undefined || release === undefined ? undefined : { name, release, arch };
};

/**
 * Lines of a time, a name with a version, and an architecture. Fedora's second line is the version alone; others that
 * leave out their name are told by what else is there.
 */
const ofDiscinfo = (text: string): KnownDistribution | undefined => {
  const [time = '', title = '', arch = 'unknown'] = text.split(/\r?\n/);
  const [, name = '', release] = /^(.*?)\s*(\d[\d.]*)\s*$/.exec(title) ?? [];
  if (!/^\d+(\.\d+)?$/.test(time) || release === undefined) return undefined;
  if (name === '' && Number.parseInt(release, 10) < OLDEST_FEDORA) return undefined;
  return { name: name === '' ? 'Fedora' : name, release, arch };
};

/** No release of another family has such a number. */
const OLDEST_FEDORA = 22;

/** `[InstallMedia]` with `name=Red Hat Enterprise Linux 9.4.0`; no architecture. */
const ofMediaRepo = (text: string): KnownDistribution | undefined => {
  const [, name, release] = /^name\s*=\s*(.*?)\s+(\d[\d.]*)\s*$/m.exec(text) ?? [];
  return name === undefined || release === undefined ? undefined : { name, release, arch: 'unknown' };
};

/** `SUSE - openSUSE-Leap-15.6-DVD-x86_64-Build709.1-Media` and its like. */
const ofSuseMedia = (text: string): KnownDistribution | undefined => {
  const [, name, release, arch] =
    /(?:^|\s)((?:openSUSE|SUSE|SLE)[A-Za-z-]*?)-(\d[\d.]*(?:-SP\d+)?)-.*?\b(x86_64|aarch64|ppc64le|s390x)/m.exec(
      text,
    ) ?? [];
  return name === undefined || release === undefined || arch === undefined ? undefined : { name, release, arch };
};

/** Shell assignments: `PRODUCTLONG='Proxmox VE'`, `RELEASE='8.2'`; their media are for one architecture, or say it there. */
const ofProxmox = (text: string): KnownDistribution | undefined => {
  const value = (key: string): string | undefined => new RegExp(`^${key}=['"]?([^'"\n]+)`, 'm').exec(text)?.[1];
  const [name, release] = [value('PRODUCTLONG'), value('RELEASE')];
  return name === undefined || release === undefined ? undefined : { name, release, arch: value('ARCH') ?? 'amd64' };
};

/** The day of the medium, `2024.10.01`; archiso makes media for x86_64. */
const ofArch = (text: string): KnownDistribution | undefined =>
  /^\d{4}\.\d\d\.\d\d$/.test(text) ? { name: 'Arch Linux', release: text, arch: 'x86_64' } : undefined;

/** Agama's media say what they install in their menu alone: `Install SUSE Linux Enterprise Server 16.0`. */
const ofTitles = (entries: readonly MenuEntry[]): KnownDistribution | undefined => {
  for (const { title } of entries) {
    const [, name, release] = /^Install\S*\s+((?:open)?SUSE[A-Za-z -]*?)\s+(\d+\.\d+)\b/i.exec(title) ?? [];
    if (name !== undefined && release !== undefined)
      return { name: name.replace(/^openSUSE Leap$/i, 'openSUSE-Leap'), release, arch: 'unknown' };
  }
  return undefined;
};
