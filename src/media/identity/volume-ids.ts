/** What a distribution calls its media: volume ids as data. What a file of the medium says comes first; this is the rest. */
import type { KnownDistribution } from './known-distribution.ts';

interface Pattern {
  readonly name: string;
  /** `release` is its named group, `name` one where the id has the name itself; with `rolling` there need be none. */
  readonly id: RegExp;
  readonly rolling?: string;
}

const PATTERNS: readonly Pattern[] = [
  { name: 'Red Hat Enterprise Linux', id: /^RHEL[-_/](?<release>\d+(?:[-.]\d+)?)(?:[-. ]|$)/ },
  { name: 'CentOS Stream', id: /^CentOS-Stream-(?:Image-.*-)?(?<release>\d+)(?:-|$)/ },
  { name: 'CentOS Linux', id: /^CentOS[- _](?<release>\d+(?:[-.]\d+)?)(?:[-_. ]|$)/ },
  { name: 'Rocky Linux', id: /^Rocky-(?:[A-Za-z]+-)*(?<release>\d+(?:[-.]\d+)?)(?:-|$)/ },
  { name: 'AlmaLinux', id: /^AlmaLinux-(?<release>\d+(?:[-_.]\d+)?)(?:-|$)/ },
  { name: 'Oracle Linux', id: /^OL-?(?<release>\d+(?:[-.]\d+)?)(?:[-. ]|$)/ },
  { name: 'Fedora CoreOS', id: /^fedora-coreos-(?<release>\d+)\./ },
  { name: 'Red Hat Enterprise Linux CoreOS', id: /^rhcos-(?<release>\d+)\./ },
  { name: 'CentOS Stream CoreOS', id: /^scos-(?<release>\d+)\./ },
  // `Fedora-WS-Live-41-1-4` is the fourth try of 41; `x86_64` holds no release.
  { name: 'Fedora', id: /^Fedora(?:[-_ ]|[-_ ].*?[-_ ](?<!x86_))(?<release>\d{1,2})(?:[-_ .]|$)/ },
  { name: 'Fedora', id: /^Fedora[-_ ].*\brawh(?:ide)?\b/i, rolling: 'rawhide' },
  { name: 'openSUSE-Leap', id: /^openSUSE[-_]Leap[-_](?<release>\d+\.\d+)/ },
  { name: 'openSUSE-Tumbleweed', id: /^openSUSE[-_]Tumbleweed/, rolling: 'rolling' },
  { name: 'SLE', id: /^SLE-(?<release>\d+(?:-SP\d+)?)-/ },
  { name: 'Debian', id: /^Debian (?<release>\d+\.[\d.]+|testing)(?: |$)/ },
  {
    name: 'Ubuntu',
    id: /^(?<name>[A-Z]?[a-z]*[Uu]buntu(?:-Server)?) (?<release>\d\d\.\d\d(?:\.\d+)?)(?: .*)? \w+$/,
  },
  { name: 'Linux Mint', id: /^Linux Mint (?<release>\d+(?:\.\d+)?)(?: |$)/ },
  { name: 'LMDE', id: /^LMDE (?<release>\d+)(?: |$)/ },
  { name: 'elementary OS', id: /^elementary OS (?<release>\d+(?:\.\d+)*)(?: |$)/i },
  { name: 'Alpine Linux', id: /^alpine-\w+ (?<release>\d+(?:\.\d+)*)/ },
  { name: 'Arch Linux', id: /^ARCH_(?<release>\d{6})$/ },
  { name: 'NixOS', id: /^nixos-(?:[a-z]\w*-)*(?<release>\d\d\.\d\d)/ },
  { name: 'Proxmox VE', id: /^PVE$/, rolling: 'unknown' },
  { name: 'Proxmox Backup Server', id: /^PBS$/, rolling: 'unknown' },
  { name: 'Proxmox Mail Gateway', id: /^PMG$/, rolling: 'unknown' },
  { name: 'XCP-ng', id: /^XCP-ng[- _]?(?<release>\d+(?:\.\d+)*)/i },
];

/** As they stand in volume ids, and what the distribution calls them where that is another word. */
const ARCH = /x86_64|amd64|aarch64|arm64|armv7|armhf|ppc64le|ppc64el|s390x|riscv64|i[3-6]86|x86|64-bit/;
const ARCH_NAMES: Readonly<Record<string, string>> = { '64-bit': 'amd64' };

export const ofVolumeId = (volumeId: string): KnownDistribution | undefined => {
  for (const { name, id, rolling } of PATTERNS) {
    const found = id.exec(volumeId);
    const release = found?.groups?.['release']?.replaceAll(/(?<=\d)[-_](?=\d)/g, '.') ?? rolling;
    if (found === null || release === undefined) continue;
    const [arch = 'unknown'] = ARCH.exec(volumeId) ?? [];
    return { name: found.groups?.['name'] ?? name, release, arch: ARCH_NAMES[arch] ?? arch };
  }
  return undefined;
};
