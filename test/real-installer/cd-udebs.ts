/** The udebs in the pool of a medium: all of the release that its initrd does not have and debian-cd does not leave out. */
import { parseRelations } from '../../src/distributions/debian/archive/relations.ts';
import type { CdInitrd } from './cd-initrd.ts';
import type { DebianCd } from './debian-cd.ts';
import type { Missing } from './incomplete.ts';
import { kernelOf } from './kernel-udebs.ts';
import { REQUIRED, requireUdebs } from './required.ts';
import type { Udeb } from './udeb.ts';
import type { UdebSet } from './udebs.ts';

export interface CdUdebs {
  readonly udebs: readonly Udeb[];
  /** What udebs in the pool depend on and nothing on the medium is or provides. */
  readonly lacking: readonly Missing[];
}

interface Medium {
  readonly text: CdInitrd;
  readonly gtk: CdInitrd;
  readonly kernelRelease: string;
}

export const cdUdebs = (set: UdebSet, { text, gtk, kernelRelease }: Medium, debianCd: DebianCd): CdUdebs => {
  const { installed } = text;
  requireUdebs('a medium', set, { installed, kernelRelease });
  // A repacked udeb beside Debian's own in the graphical initrd would be taken for a newer one.
  const isSafe = ({ name, from }: Udeb) => from === undefined || !gtk.installed.includes(name);
  const fitting = [...set.udebs.values()].filter(
    (udeb) => [undefined, kernelRelease].includes(kernelOf(udeb)) && isSafe(udeb),
  );
  const isThere = new Set(installed);
  const pool = new Map(
    fitting
      .filter(({ name }) => !isThere.has(name) && (!debianCd.leavesOut(name) || REQUIRED.includes(name)))
      .map((udeb) => [udeb.name, udeb]),
  );
  const lacking: Missing[] = [];
  // What was left out, but is needed: an initrd of Debian's own for CDs may have more in it than this one.
  for (const udeb of pool.values()) {
    isThere.add(udeb.name);
    for (const group of parseRelations(udeb.fields.get('depends'))) {
      if (group.some((name) => isThere.has(name) || pool.has(name))) continue;
      if (fitting.some((one) => (isThere.has(one.name) || pool.has(one.name)) && provides(one, group))) continue;
      const found = fitting.find(({ name }) => group.includes(name)) ?? fitting.find((one) => provides(one, group));
      if (found !== undefined) pool.set(found.name, found);
      // Some udebs of Debian depend on what is no udeb at all; that is not the mirror's fault.
      else if (set.missing.some(({ name }) => group.includes(name)))
        lacking.push({ name: group.join(' | '), why: `${udeb.name} depends on it` });
    }
  }
  return { udebs: [...pool.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), lacking };
};

const provides = ({ fields }: Udeb, names: readonly string[]): boolean =>
  parseRelations(fields.get('provides'))
    .flat()
    .some((name) => names.includes(name));
