/** What a partition of a recipe begins with: sizes and a file system. */
import { editDistance, suggest } from '../../../suggest.ts';
import type { Rule } from '../../rule.ts';
import { type More, shownValue } from '../check.ts';
import { type RecipePartition, type RecipeWord, recipeSizeOf } from '../recipe-syntax.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { size } = RECIPE_RULES;

export type TellLimit = (rule: Rule, word: RecipeWord, message: string, more?: More) => void;

/** Names that blends of Debian have of their own are not mistakes: only what is one or two slips away. */
export const nearby = (word: string, known: readonly string[]): string | undefined => {
  const near = suggest(word, known);
  return near !== undefined && editDistance(word, near) <= 2 ? near : undefined;
};

/** Known to parted or taken by the installer for a place holder; all others become ext2. */
export const FILE_SYSTEMS = [
  ...['btrfs', 'ext2', 'ext3', 'ext4', 'xfs', 'jfs', 'linux-swap', 'fat16', 'fat32', 'hfs', '$default_filesystem'],
  ...[
    'free',
    'raid',
    'lvm',
    'efi',
    'swap',
    'fat',
    'vfat',
    'ntfs',
    'reiserfs',
    'crypto',
    'ext2r0',
    'prep',
    'zfs',
    'f2fs',
  ],
  ...['linux-swap(v1)', 'biosgrub', 'bios_grub', 'dummy', 'hfs+', 'iso9660', 'tmpfs', 'keep', 'unused', 'default'],
];

export const checkLimits = ({ limits, first, specifiers }: RecipePartition, tell: TellLimit): void => {
  const [min, priority, max, fs] = limits;
  if (!(min && priority && max && fs)) {
    // What follows is taken for them, and is gone.
    const eaten = specifiers.find(({ name }) => !name.startsWith('$') || name === '$lvmok');
    const harmless = min && /^\d+$/.test(min.text) && priority && max && eaten !== specifiers[0];
    tell(size, first, 'a partition begins with its minimal size, priority, maximal size and file system', {
      severity: harmless ? 'warning' : undefined,
    });
    return;
  }
  for (const word of [min, priority, max]) {
    const number = recipeSizeOf(word.text);
    const unlimited = number === Number.POSITIVE_INFINITY;
    if (!Number.isNaN(number) && !(unlimited && word !== max)) continue;
    const [, digits, unit = ''] = /^(\d+)([MG])i?B?$/i.exec(word.text) ?? [];
    tell(size, word, `${shownValue(word.text)} is no size`, {
      hint: 'A number of megabytes, a percentage of the memory (`200%`), or -1 for a maximum without limit.',
      replacement: digits === undefined ? undefined : `${digits}${unit.toUpperCase() === 'G' ? '000' : ''}`,
      // Only a wrong minimum is more than any disk has; the others become as large as the minimum.
      severity: word === min ? undefined : 'warning',
    });
    if (word === min) return;
  }
  const [low, high] = [recipeSizeOf(min.text), recipeSizeOf(max.text)];
  if (low !== undefined && high !== undefined && high < low)
    tell(size, max, `the maximum of ${high} MB is below the minimum of ${low} MB and is taken for the same`, {
      severity: 'warning',
    });
  const near = FILE_SYSTEMS.includes(fs.text) ? undefined : nearby(fs.text, FILE_SYSTEMS.slice(0, 11));
  if (near !== undefined)
    tell(size, fs, `${shownValue(fs.text)} is no file system`, {
      hint: `Did you mean ${near}?`,
      replacement: near,
      severity: 'warning',
    });
};
