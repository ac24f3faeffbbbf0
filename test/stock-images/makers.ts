/** Every image by its name. */
import type { Maker } from './maker.ts';
import { byMmdebstrap } from './mmdebstrap.ts';
import { CLOUD, NOCLOUD, TRIXIE_CLOUD } from './vendors.ts';

export const MAKERS = {
  'mmdebstrap-nocloud': byMmdebstrap(NOCLOUD),
  'mmdebstrap-cloud': byMmdebstrap(CLOUD),
  'mmdebstrap-trixie-cloud': byMmdebstrap(TRIXIE_CLOUD),
} as const satisfies Readonly<Record<string, Maker>>;

export type StockName = keyof typeof MAKERS;
export const STOCK_NAMES = Object.keys(MAKERS) as StockName[];
