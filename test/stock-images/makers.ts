/** Every image by its name. */
import { byFai } from './fai.ts';
import type { Maker } from './maker.ts';
import { byMmdebstrap } from './mmdebstrap.ts';
import * as odd from './odd.ts';
import { luksRoot, lvmRoot } from './odd-roots.ts';
import { CLOUD, NOCLOUD, TRIXIE_CLOUD } from './vendors.ts';

export const MAKERS = {
  'mmdebstrap-nocloud': byMmdebstrap(NOCLOUD),
  'mmdebstrap-cloud': byMmdebstrap(CLOUD),
  'mmdebstrap-trixie-cloud': byMmdebstrap(TRIXIE_CLOUD),
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
