/** Every image by its name. */
import { byFai } from './fai.ts';
import { byGrml } from './grml-debootstrap.ts';
import type { Maker } from './maker.ts';
import { byMkosi } from './mkosi.ts';
import { byMmdebstrap } from './mmdebstrap.ts';
import * as odd from './odd.ts';
import { luksRoot, lvmRoot } from './odd-roots.ts';
import { BTRFS, CLOUD, NOCLOUD, TRIXIE_CLOUD } from './vendors.ts';
import { byVmdb2, VMDB2_PACKAGES } from './vmdb2.ts';

export const MAKERS = {
  'mmdebstrap-nocloud': byMmdebstrap(NOCLOUD),
  'mmdebstrap-cloud': byMmdebstrap(CLOUD),
  'mmdebstrap-trixie-cloud': byMmdebstrap(TRIXIE_CLOUD),
  'mmdebstrap-btrfs': byMmdebstrap(BTRFS),
  vmdb2: byVmdb2(VMDB2_PACKAGES),
  'vmdb2-cloud': byVmdb2([...VMDB2_PACKAGES, 'cloud-init', 'cloud-guest-utils', 'netplan.io']),
  'grml-debootstrap': byGrml(['openssh-server']),
  'grml-debootstrap-cloud': byGrml(['openssh-server', 'cloud-init', 'cloud-guest-utils']),
  mkosi: byMkosi('gpt_ext4'),
  'mkosi-btrfs': byMkosi('gpt_btrfs'),
  fai: byFai({ firmware: 'bios', cloudInit: false }),
  'fai-cloud': byFai({ firmware: 'bios', cloudInit: true }),
  'fai-uefi': byFai({ firmware: 'uefi', cloudInit: false }),
  'odd-no-boot-loader': odd.noBootLoader,
  'odd-full': odd.full,
  'odd-endless-cloud-init': odd.endlessCloudInit,
  'odd-no-virtio': odd.noVirtio,
  'odd-arm64': odd.arm64,
  'odd-lvm-root': lvmRoot,
  'odd-luks-root': luksRoot,
} as const satisfies Readonly<Record<string, Maker>>;

export type StockName = keyof typeof MAKERS;
export const STOCK_NAMES = Object.keys(MAKERS) as StockName[];
