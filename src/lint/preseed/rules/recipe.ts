/** partman-auto/expert_recipe: syntax, sizes, a root file system, room on the disk. */
import { editDistance, suggest } from '../../../recipe/suggest.ts';
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, given, hasPlaceholder, type More, type PreseedContext, shown } from '../check.ts';
import type { PreseedFile } from '../parse.ts';
import {
  contentOf,
  parseRecipe,
  type Recipe,
  type RecipeFault,
  type RecipePartition,
  sizeOf,
  type Word,
} from '../recipe.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { syntax, size, specifier, root, lvm, disk } = RECIPE_RULES;

export const recipe: Check = {
  rules: Object.values(RECIPE_RULES),
  look(file, report, context) {
    const answer = answerTo(file, 'partman-auto/expert_recipe');
    if (!answer || answer.value.text.length > 100_000) return;
    const text = answer.value.text;
    if (text.trim() === '' || hasPlaceholder(text.replaceAll(/\$[a-z_]+\{ *\}|\$[a-z_]+\{|\$default_filesystem/g, '')))
      return;
    const tell: Tell = (rule, word, message, more) =>
      report(rule, answer.placeInValue(word.at, word.text.length), message, more);
    const parsed = parseRecipe(text);
    for (const fault of parsed.faults) tellFault(fault, tell);
    for (const partition of parsed.partitions) {
      checkLimits(partition, tell);
      checkSpecifiers(partition, tell);
    }
    const whole: Word = { text: '', at: 0 };
    checkMountPoints(file, parsed, tell, parsed.partitions[0]?.first ?? whole);
    checkRoom(file, parsed, context, tell, parsed.partitions[0]?.first ?? whole);
  },
};

type Tell = (rule: Rule, word: Word, message: string, more?: More) => void;

const tellFault = ({ kind, word }: RecipeFault, tell: Tell): void => {
  const { text } = word;
  if (kind === 'no-header') {
    tell(syntax, word, `the recipe does not begin with a name and \`::\` but with ${shown(text)}`, {
      hint: 'Write `NAME ::`, with blanks around the colons.',
    });
  } else if (kind === 'unended') {
    // An answer that was joined to the recipe is told of where it stands.
    if (text === 'd-i') return;
    tell(syntax, word, 'this last partition has no `.` at its end and is dropped', {
      hint: 'End it with a `.`, with a blank before.',
    });
  } else if (kind === 'blank-before-brace') {
    tell(syntax, word, `a blank before the brace: ${text} is passed over`, {
      hint: `Write \`${text}{ … }\`.`,
      severity: ESSENTIAL.has(text) ? undefined : 'warning',
    });
  } else if (kind === 'unclosed') {
    tell(syntax, word, `${shown(text)} has no \`}\` of its own`, {
      hint: `Write \`${text} … }\`, with blanks inside.`,
    });
  } else if (/^\S+\{.*\}?$/.test(text)) {
    const [, name = '', content = ''] = /^([^{]+)\{([^}]*)\}?/.exec(text) ?? [];
    tell(syntax, word, `${shown(text)} is passed over: there have to be blanks inside of the braces`, {
      hint: `Write \`${name}{ ${content === '' ? '' : `${content} `}}\`.`,
      ...(/^[^{]+\{[^}]*\}$/.test(text) && { replacement: `${name}{ ${content === '' ? '' : `${content} `}}` }),
    });
  } else if (text.endsWith('}.') || text.endsWith('}')) {
    tell(syntax, word, `${shown(text)}: braces and the \`.\` stand alone, with blanks around them`);
  } else {
    tell(syntax, word, `${shown(text)} is no specifier and passed over`, {
      hint: text === '{' ? 'There is no blank before a brace: `method{`.' : 'A specifier has braces: `format{ }`.',
    });
  }
};

/** Without them a partition is not what it is meant to be; without others it is. */
const ESSENTIAL: ReadonlySet<string> = new Set([
  'method',
  'format',
  'use_filesystem',
  'filesystem',
  'mountpoint',
  '$lvmok',
]);

/** Known to parted or taken by the installer for a place holder; all others become ext2. */
const FILE_SYSTEMS = [
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

const checkLimits = ({ limits, first }: RecipePartition, tell: Tell): void => {
  const [min, priority, max, fs] = limits;
  if (!(min && priority && max && fs)) {
    tell(size, first, 'a partition begins with its minimal size, priority, maximal size and file system');
    return;
  }
  for (const word of [min, priority, max]) {
    const number = sizeOf(word.text);
    const unlimited = number === Number.POSITIVE_INFINITY;
    if (!Number.isNaN(number) && !(unlimited && word !== max)) continue;
    const [, digits, unit = ''] = /^(\d+)([MG])i?B?$/i.exec(word.text) ?? [];
    tell(size, word, `${shown(word.text)} is no size`, {
      hint: 'A number of megabytes, a percentage of the memory (`200%`), or -1 for a maximum without limit.',
      replacement: digits === undefined ? undefined : `${digits}${unit.toUpperCase() === 'G' ? '000' : ''}`,
    });
    if (word === min) return;
  }
  const [low, high] = [sizeOf(min.text), sizeOf(max.text)];
  if (low !== undefined && high !== undefined && high < low)
    tell(size, max, `the maximum of ${high} MB is below the minimum of ${low} MB and is taken for the same`, {
      severity: 'warning',
    });
  const near = FILE_SYSTEMS.includes(fs.text) ? undefined : nearby(fs.text, FILE_SYSTEMS.slice(0, 11));
  if (near !== undefined)
    tell(size, fs, `${shown(fs.text)} is no file system`, {
      hint: `Did you mean ${near}?`,
      replacement: near,
      severity: 'warning',
    });
};

/** Names that blends of Debian have of their own are not mistakes: only what is one or two slips away. */
const nearby = (word: string, known: readonly string[]): string | undefined => {
  const near = suggest(word, known);
  return near !== undefined && editDistance(word, near) <= 2 ? near : undefined;
};

const INTERNAL = [
  '$primary',
  '$bootable',
  '$lvmok',
  '$defaultignore',
  '$lvmignore',
  '$iflabel',
  '$reusemethod',
  '$default_filesystem',
  '$legacy_boot',
  '$reuse',
  '$raidok',
  '$gptonly',
  '$bios_boot',
];
const REGULAR = [
  'method',
  'format',
  'use_filesystem',
  'filesystem',
  'mountpoint',
  'label',
  'device',
  'vg_name',
  'in_vg',
  'lv_name',
];
const METHODS = ['format', 'keep', 'swap', 'lvm', 'raid', 'efi', 'biosgrub', 'crypto', 'newworld', 'prep'];

const checkSpecifiers = (partition: RecipePartition, tell: Tell): void => {
  const { specifiers } = partition;
  const names = specifiers.map(({ name }) => name);
  for (const { name, word, content } of specifiers) {
    const known = name.startsWith('$') ? INTERNAL : REGULAR;
    const near = known.includes(name) || name.includes('/') ? undefined : nearby(name, known);
    if (near !== undefined)
      tell(specifier, word, `there is no specifier ${name}{ }`, {
        hint: `Did you mean ${near}{ }?`,
        replacement: `${near}{`,
      });
    if (name === 'mountpoint' && content !== '' && !content.startsWith('/'))
      tell(specifier, word, `the mount point ${shown(content)} does not begin with /`);
    if (name === 'method' && !METHODS.includes(content)) {
      const meant = nearby(content, METHODS);
      if (meant !== undefined)
        tell(specifier, word, `there is no method ${shown(content)}`, { hint: `Did you mean ${meant}?` });
    }
    if (name === 'filesystem' && content !== '' && !FILE_SYSTEMS.includes(content)) {
      const meant = nearby(content, FILE_SYSTEMS.slice(0, 10));
      if (meant !== undefined)
        tell(specifier, word, `there is no file system ${shown(content)}`, { hint: `Did you mean ${meant}?` });
    }
    const method = contentOf(partition, 'method');
    if (name === 'mountpoint' && method === 'format' && !names.includes('use_filesystem'))
      tell(specifier, word, 'a partition with a mount point and without `use_filesystem{ }` is not mounted', {
        severity: 'warning',
      });
  }
};

/** Left out or put in by what the disk is like, so that two of them may share a mount point. */
const isConditional = (partition: RecipePartition): boolean =>
  ['$iflabel', '$defaultignore', '$lvmignore'].some((name) => contentOf(partition, name) !== undefined);

const checkMountPoints = (file: PreseedFile, { partitions }: Recipe, tell: Tell, whole: Word): void => {
  const method = given(file, 'partman-auto/method');
  const points = new Map<string, RecipePartition>();
  for (const partition of partitions) {
    const point = contentOf(partition, 'mountpoint');
    if (point === undefined || point === '') continue;
    const other = points.get(point);
    const word = partition.specifiers.find(({ name }) => name === 'mountpoint')?.word ?? partition.first;
    if (other && !isConditional(other) && !isConditional(partition))
      tell(root, word, `a second partition is mounted at ${point}`, { hint: 'The installer stops at it.' });
    points.set(point, partition);
  }
  const raid = method === 'raid' || given(file, 'partman-auto-raid/recipe') !== undefined;
  if (partitions.length > 0 && !points.has('/') && !raid)
    tell(root, whole, 'the recipe has no root file system', { hint: 'One partition needs `mountpoint{ / }`.' });
  const onLvm = method === 'lvm' || method === 'crypto';
  if (partitions.length > 0 && onLvm && !partitions.some((one) => contentOf(one, '$lvmok') !== undefined))
    tell(lvm, whole, `no partition has \`$lvmok{ }\`, so the method ${method} finds nothing to put on LVM`, {
      hint: 'Add `$lvmok{ }` to each that is to be a logical volume.',
    });
};

const checkRoom = (
  file: PreseedFile,
  { partitions }: Recipe,
  context: PreseedContext,
  tell: Tell,
  whole: Word,
): void => {
  if (context.diskSize === undefined) return;
  const method = given(file, 'partman-auto/method');
  const left = method === 'lvm' || method === 'crypto' ? '$lvmignore' : '$defaultignore';
  const counted = partitions.filter(
    (one) => contentOf(one, '$iflabel') === undefined && contentOf(one, left) === undefined,
  );
  const sum = counted.reduce((total, { limits: [min] }) => {
    const number = sizeOf(min?.text ?? '0') ?? 0;
    return total + (Number.isFinite(number) ? number : 0);
  }, 0);
  const room = Math.floor(context.diskSize / 1e6);
  if (sum > room)
    tell(disk, whole, `the partitions need ${sum} MB at least, the disk has ${room} MB`, {
      hint: 'The installer passes over such a recipe and asks.',
    });
};
