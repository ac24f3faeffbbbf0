/** What a medium is: its distribution, how it boots, what its menus start. */

import { type BootMenus, menuEntries, readBootMenus, requireMenus } from './boot-menus.ts';
import { type BootPath, bootPathsOf } from './boot-paths.ts';
import type { Volume } from './iso9660.ts';
import { readMedium, readMediumText } from './medium.ts';
import type { MenuEntry } from './menus/entry.ts';
import type { BootReport } from './xorriso-report.ts';

export interface MediumInfo {
  readonly volume: Volume;
  /** The line of `.disk/info`, as Debian's media have it. */
  readonly diskInfo: string | undefined;
  readonly distribution: { readonly name: string; readonly release: string; readonly arch: string } | undefined;
  readonly bootPaths: readonly BootPath[];
  readonly boot: BootReport;
  /** File to the entries in it. */
  readonly menus: ReadonlyMap<string, readonly MenuEntry[]>;
}

/**
 * Throws `media.not-found`, `media.not-an-iso`, `media.truncated`, `media.no-boot-loader`, `media.no-boot-menu`.
 */
export const inspectMedium = async (iso: string, signal?: AbortSignal): Promise<MediumInfo> => {
  const medium = await readMedium(iso, signal);
  const menus: BootMenus = await readBootMenus(medium, signal);
  requireMenus(menus, iso);
  const diskInfo = medium.files.has('/.disk/info') ? (await readMediumText(medium, '/.disk/info')).trim() : undefined;
  return {
    volume: medium.volume,
    diskInfo,
    distribution: diskInfo === undefined ? undefined : distributionOf(diskInfo),
    bootPaths: bootPathsOf(medium.boot),
    boot: medium.boot,
    menus: menuEntries(menus),
  };
};

/** `Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST with firmware 20241109-11:05` */
export const distributionOf = (info: string): MediumInfo['distribution'] => {
  const [, name, release, rest = ''] = /^(\S+).*?\s(\d[\d.]*)\S*\s*(.*)$/.exec(info) ?? [];
  const arch = /\b(amd64|arm64|i386|armhf|armel|ppc64el|s390x|riscv64|multi-arch)\b/.exec(rest)?.[1] ?? 'unknown';
  return name === undefined || release === undefined ? undefined : { name, release, arch };
};
