/** Arrays of a RAID recipe: `LEVEL DEVICES SPARES FS MOUNTPOINT DEVICES# SPARES#`, each ended by a `.`. */
import { own } from '../../own.ts';
import type { RecipeWord } from './recipe-syntax.ts';

export interface RaidRecipe {
  readonly arrays: readonly (readonly RecipeWord[])[];
  /** Words after the last `.`, which the installer drops. */
  readonly unended: RecipeWord | undefined;
}

export const parseRaidRecipe = (value: string): RaidRecipe => {
  const arrays: RecipeWord[][] = [];
  let begun: RecipeWord[] = [];
  for (const match of value.matchAll(/\S+/g)) {
    if (match[0] === '.') {
      if (begun.length > 0) arrays.push(begun);
      begun = [];
    } else begun.push({ text: match[0], at: match.index });
  }
  const [unended] = begun;
  return { arrays: unended ? [...arrays, begun] : arrays, unended };
};

/** Fewest devices of a level. */
const LEVELS: Readonly<Record<string, number>> = { 0: 2, 1: 1, 5: 3, 6: 4, 10: 2 };

interface RaidFault {
  readonly word: RecipeWord;
  readonly message: (shown: string) => string;
}

export const raidFault = (array: readonly RecipeWord[]): RaidFault | undefined => {
  const [level, count, spares, fs, point, devices, spare] = array;
  if (!(level && count && spares && fs && point && devices)) {
    const word = array.at(-1) ?? { text: '', at: 0 };
    return { word, message: () => 'an array has level, devices, spares, file system, mount point and its devices' };
  }
  const least = own(LEVELS, level.text);
  if (least === undefined) return { word: level, message: (text) => `${text} is no RAID level (0, 1, 5, 6, 10)` };
  for (const word of [count, spares])
    if (!/^\d+$/.test(word.text)) return { word, message: (text) => `${text} is no number of devices` };
  if (point.text !== '-' && !point.text.startsWith('/'))
    return { word: point, message: (text) => `${text} is no mount point: a path, or - for none` };
  if (Number(count.text) < least)
    return { word: count, message: () => `RAID ${level.text} needs ${least} devices, not ${count.text}` };
  // The partitions that the other recipe marks with this number.
  if (devices.text.startsWith('raidid=')) return undefined;
  return deviceFault(devices, Number(count.text)) ?? (spare && deviceFault(spare, Number(spares.text)));
};

const deviceFault = (word: RecipeWord, count: number): RaidFault | undefined => {
  const named = word.text.split('#').filter(Boolean);
  const bad = named.find((device) => !device.startsWith('/dev/') && device !== 'missing');
  if (bad !== undefined) return { word, message: () => `${bad} is no path of a device` };
  return named.length === count
    ? undefined
    : { word, message: () => `there are to be ${count} devices, here are ${named.length}` };
};
