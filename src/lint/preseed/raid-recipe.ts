/** Arrays of a RAID recipe: `LEVEL DEVICES SPARES FS MOUNTPOINT DEVICES# SPARES#`, each ended by a `.`. */
import type { Word } from './recipe.ts';

export const parseRaidRecipe = (value: string): Word[][] => {
  const arrays: Word[][] = [[]];
  for (const match of value.matchAll(/\S+/g)) {
    if (match[0] === '.') arrays.push([]);
    else arrays.at(-1)?.push({ text: match[0], at: match.index });
  }
  return arrays.filter((words) => words.length > 0);
};

/** Fewest devices of a level. */
const LEVELS: Readonly<Record<string, number>> = { 0: 2, 1: 1, 5: 3, 6: 4, 10: 2 };

interface RaidFault {
  readonly word: Word;
  readonly message: (shown: string) => string;
}

export const raidFault = (array: readonly Word[]): RaidFault | undefined => {
  const [level, count, spares, fs, point, devices] = array;
  if (!(level && count && spares && fs && point && devices)) {
    const word = array.at(-1) ?? { text: '', at: 0 };
    return { word, message: () => 'an array has level, devices, spares, file system, mount point and its devices' };
  }
  const least = LEVELS[level.text];
  if (least === undefined) return { word: level, message: (text) => `${text} is no RAID level (0, 1, 5, 6, 10)` };
  for (const word of [count, spares])
    if (!/^\d+$/.test(word.text)) return { word, message: (text) => `${text} is no number of devices` };
  if (point.text !== '-' && !point.text.startsWith('/'))
    return { word: point, message: (text) => `${text} is no mount point: a path, or - for none` };
  const named = devices.text.split('#').filter(Boolean);
  const bad = named.find((device) => !device.startsWith('/dev/'));
  if (bad !== undefined) return { word: devices, message: () => `${bad} is no path of a device` };
  if (named.length !== Number(count.text))
    return { word: devices, message: () => `the array is of ${count.text} devices, here are ${named.length}` };
  if (named.length < least)
    return { word: count, message: () => `RAID ${level.text} needs ${least} devices, not ${named.length}` };
  return undefined;
};
