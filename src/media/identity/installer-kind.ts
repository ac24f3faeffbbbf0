/** Which installer a medium starts: recognized by the files that it needs, and by words of its menus. */
import { TREEINFO } from '../checks/treeinfo.ts';
import type { Medium } from '../iso/medium.ts';
import type { MenuEntry } from '../menus/entry.ts';
import type { KnownDistribution } from './known-distribution.ts';

export type InstallerKind =
  | 'debian-installer'
  | 'anaconda'
  | 'subiquity'
  | 'casper'
  | 'yast'
  | 'agama'
  | 'coreos-installer'
  | 'proxmox'
  | 'xcp-ng'
  | 'alpine'
  | 'arch'
  | 'nixos'
  | 'unknown';

interface Recognised {
  readonly installer: InstallerKind;
  readonly by: readonly string[];
}

/** What kiwi makes of the profile (live/src/fix_bootconfig): `Install-SLES-x86_64`; `agama` and `agama-installer` before. */
const AGAMA = /^(.*\bagama\b.*|Install-.+-(x86_64|aarch64|ppc64le|s390x))$/i;

export const installerOf = (
  { files, volume }: Medium,
  entries: readonly MenuEntry[],
  distribution: KnownDistribution | undefined,
): Recognised => {
  const first = (pattern: RegExp): string[] => [...files.keys()].filter((path) => pattern.test(path)).slice(0, 1);
  const words = entries.flatMap((entry) => entry.arguments);
  const word = (pattern: RegExp): string[] => words.filter((one) => pattern.test(one)).slice(0, 1);
  const isServer = distribution?.name === 'Ubuntu-Server';
  const candidates: (readonly [InstallerKind, readonly string[]])[] = [
    ['subiquity', first(/^\/casper\/(install-sources\.yaml|installer(\.[\w-]+)*\.squashfs)$/)],
    // 18.04 has no mark besides the live system; its other server media have debian-installer.
    ['subiquity', isServer ? first(/^\/casper\/.*\.squashfs$/) : []],
    ['casper', first(/^\/casper\/(vmlinuz|.*\.squashfs)/)],
    ['debian-installer', first(/^\/install(\.[a-z0-9]+)?\/([^/]+\/)*initrd\.gz$/)],
    ['agama', word(/\bagama\b/i)],
    ['agama', AGAMA.test(volume.volumeId) ? first(/^\/LiveOS\/squashfs\.img$/) : []],
    ['yast', files.has('/media.1/media') ? first(/^\/boot\/[^/]+\/(root|loader\/initrd|initrd)$/) : []],
    ['coreos-installer', first(/^\/(coreos\/.*\.json|images\/ignition\.img)$/)],
    ['coreos-installer', word(/^coreos\.(liveiso|inst\..*)=/)],
    ['proxmox', first(/^\/(p[vbm][esg])-installer\.squashfs$/)],
    ['proxmox', files.has('/.cd-info') ? first(/^\/p[vbm][esg]-base\.squashfs$|^\/boot\/linux26$/) : []],
    ['xcp-ng', files.has('/install.img') ? first(/^\/boot\/xen\.gz$/) : []],
    ['alpine', first(/^\/(\.alpine-release|boot\/modloop-[a-z]+|apks\/\.boot_repository)$/)],
    ['arch', first(/^\/arch\/([^/]+\/airootfs\.(sfs|erofs)|version)$/)],
    ['nixos', first(/^\/nix-store\.squashfs$/)],
    ['anaconda', first(/^\/images\/(install\.img|product\.img)$/)],
    ['anaconda', files.has('/.discinfo') || files.has(TREEINFO) ? first(/^\/images\/pxeboot\/initrd\.img$/) : []],
    ['anaconda', word(/^inst\.(stage2|repo)=/)],
  ];
  const [found] = candidates.filter(([, by]) => by.length > 0);
  return found === undefined ? { installer: 'unknown', by: [] } : { installer: found[0], by: found[1] };
};
