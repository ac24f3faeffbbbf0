/** How a Debian is made slim. */
import { canonicalJson } from '../../../canonical-json.ts';
import { sha256 } from '../../../host/files.ts';
import type { Slimming } from '../../distribution.ts';
import { savingsIn } from './savings.ts';
import { slimGuest } from './slim-guest.ts';
import { STRIP_UNITS } from './strips.ts';

export const SLIMMING: Slimming = {
  strips: STRIP_UNITS,
  digest: (chosen) =>
    sha256(
      canonicalJson(
        STRIP_UNITS.flatMap(({ name, what, work }) => (chosen.includes(name) ? [{ name, what, ...work }] : [])),
      ),
    ),
  run: slimGuest,
  savings: savingsIn,
};
