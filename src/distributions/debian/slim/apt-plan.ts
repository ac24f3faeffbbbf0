/** What apt would do, as `apt-get --simulate` prints it: nothing is removed before this is known. */
import { counted } from '../../../counted.ts';
import { inMiB } from '../../../host/files.ts';
import type { InstalledPackages } from './installed.ts';

export interface AptPlan {
  readonly removed: readonly string[];
  /** What apt would take in its place, or upgrade for it. */
  readonly installed: readonly string[];
}

/** Lines `Purg NAME [VERSION]`, `Remv …` and `Inst …`; a name has its architecture where it is another one. */
export const parseAptPlan = (output: string): AptPlan => {
  const named = (words: string) => [
    ...new Set([...output.matchAll(new RegExp(`^(?:${words}) ([^ :]+)`, 'gm'))].map(([, name = '']) => name)),
  ];
  return { removed: named('Purg|Remv'), installed: named('Inst') };
};

/** The plan in lines: what goes because it was named, what goes with it, and bytes in all. */
export const planLines = (plan: AptPlan, named: readonly string[], installed: InstalledPackages): string[] => {
  const { removed } = plan;
  if (removed.length === 0) return [];
  const others = removed.filter((name) => !named.includes(name));
  const size = removed.reduce((sum, name) => sum + (installed.get(name)?.size ?? 0), 0);
  const lists = [
    ['goes', removed.filter((name) => named.includes(name))],
    [named.length === 0 ? 'goes' : 'goes with it', others],
    ['comes in its place', plan.installed],
  ] as const;
  return [
    ...lists.flatMap(([title, names]) => (names.length === 0 ? [] : [`${title}: ${names.join(', ')}`])),
    `in all ${counted(removed.length, 'package')}, ${inMiB(size)}`,
  ];
};
