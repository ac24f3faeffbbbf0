/** Volume descriptors field by field (ECMA-119, 8.4; Joliet's supplementary ones have the same layout). */
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { DifferenceList } from './difference-list.ts';

const NAMES: Readonly<Record<number, string>> = {
  0: 'boot record',
  1: 'primary',
  2: 'supplementary',
  255: 'terminator',
};

/** Name, first byte, byte after the last one. */
const FIELDS = [
  ['version', 0, 8],
  ['system id', 8, 40],
  ['volume id', 40, 72],
  ['unused', 72, 80],
  ['volume size', 80, 88],
  ['escape sequences', 88, 120],
  ['volume set', 120, 128],
  ['block size', 128, 132],
  ['path tables', 132, 156],
  ['root directory', 156, 190],
  ['volume set id', 190, 318],
  ['publisher', 318, 446],
  ['preparer', 446, 574],
  ['application', 574, 702],
  ['copyright, abstract and bibliographic file', 702, 813],
  ['created', 813, 830],
  ['modified', 830, 847],
  ['expires', 847, 864],
  ['effective', 864, 881],
  ['file structure version', 881, 883],
  ['application use', 883, 1395],
  ['reserved', 1395, 2048],
] as const;

export const compareDescriptors = (a: readonly Buffer[], b: readonly Buffer[], list: DifferenceList): void => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    const name = `${nameOf(left ?? right)} volume descriptor`;
    if (left === undefined || right === undefined) {
      list.add('volume', name, `only in ${left === undefined ? 'B' : 'A'}`);
      continue;
    }
    if (left[0] !== right[0]) {
      list.add('volume', `descriptor ${index + 1}`, `${nameOf(left)} / ${nameOf(right)}`);
      continue;
    }
    // A boot record has only one field, the place of the catalog.
    const fields = left[0] === 0 ? ([['content', 0, BLOCK_SIZE]] as const) : FIELDS;
    for (const [field, from, to] of fields) {
      const [was, is] = [left.subarray(from, to), right.subarray(from, to)];
      if (!was.equals(is)) list.add('volume', `${name}, ${field}`, `${shown(was)} / ${shown(is)}`);
    }
  }
};

const nameOf = (descriptor: Buffer | undefined): string => NAMES[descriptor?.[0] ?? -1] ?? 'unknown';

const LONGEST = 60;

/** Text where it is text, else hex digits. */
const shown = (bytes: Buffer): string => {
  const text = bytes.toString('latin1').replace(/[ \0]+$/, '');
  if (text === '') return '(nothing)';
  if (/^[\x20-\x7e]+$/.test(text)) return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const hex = bytes.toString('hex');
  return hex.length > LONGEST ? `${hex.slice(0, LONGEST)}…` : hex;
};
