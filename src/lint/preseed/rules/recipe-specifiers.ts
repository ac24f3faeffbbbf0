/** The specifiers of a recipe's partitions: names, methods, file systems, mount points. */
import { shownValue } from '../check.ts';
import { contentOf, type RecipePartition } from '../recipe-syntax.ts';
import { FILE_SYSTEMS, nearby, type TellLimit } from './recipe-limits.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { specifier } = RECIPE_RULES;

export const INTERNAL = [
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
  'raidid',
];
const METHODS = ['format', 'keep', 'swap', 'lvm', 'raid', 'efi', 'biosgrub', 'crypto', 'newworld', 'prep', 'dontuse'];

/** What a mount point needs in addition: without it the partition is not made or mounted. */
const lackingFor = (method: string | undefined, names: readonly string[]): (readonly [string, string])[] => {
  if (method === undefined) return names.includes('$reusemethod') ? [] : [['method{ }', 'used']];
  if (method !== 'format') return [];
  const made = names.includes('filesystem') || names.includes('$default_filesystem');
  return [
    ...(names.includes('use_filesystem') ? [] : [['use_filesystem{ }', 'mounted'] as const]),
    ...(names.includes('format') ? [] : [['format{ }', 'formatted'] as const]),
    ...(made ? [] : [['filesystem{ }', 'formatted'] as const]),
  ];
};

export const checkSpecifiers = (partition: RecipePartition, tell: TellLimit): void => {
  const { specifiers } = partition;
  const names = specifiers.map(({ name }) => name);
  for (const { name, word, content } of specifiers) {
    const other = specifiers.findLast((one) => one.name === name);
    if (other && other.word !== word && other.content !== content && !name.startsWith('$'))
      tell(specifier, other.word, `a second ${name}{ } takes the place of the first, ${shownValue(content)}`, {
        hint: 'Is a `.` missing between two partitions?',
      });
    const known = name.startsWith('$') ? INTERNAL : REGULAR;
    const dollar = INTERNAL.includes(`$${name}`);
    const near = known.includes(name) || name.includes('/') ? undefined : dollar ? `$${name}` : nearby(name, known);
    if (near !== undefined)
      tell(specifier, word, `there is no specifier ${name}{ }`, {
        hint: `Did you mean ${near}{ }?`,
        replacement: `${near}{`,
        severity: dollar ? 'warning' : undefined,
      });
    if (name === 'mountpoint' && content !== '' && !content.startsWith('/'))
      tell(specifier, word, `the mount point ${shownValue(content)} does not begin with /`);
    if (name === 'method' && !METHODS.includes(content)) {
      const meant = nearby(content, METHODS);
      tell(specifier, word, `there is no method ${shownValue(content)}`, {
        hint: meant === undefined ? `One of ${METHODS.join(', ')}.` : `Did you mean ${meant}?`,
        severity: meant === undefined ? 'warning' : undefined,
      });
    }
    if (name === 'filesystem' && content !== '' && !FILE_SYSTEMS.includes(content)) {
      const meant = nearby(content, FILE_SYSTEMS.slice(0, 10));
      tell(specifier, word, `there is no file system ${shownValue(content)}`, {
        hint: meant === undefined ? undefined : `Did you mean ${meant}?`,
        severity: meant === undefined ? 'warning' : undefined,
      });
    }
    if (name !== 'mountpoint' || content === '') continue;
    const severity = content === '/' ? undefined : 'warning';
    for (const [lacking, what] of lackingFor(contentOf(partition, 'method'), names))
      tell(specifier, word, `a partition with a mount point and without \`${lacking}\` is not ${what}`, { severity });
  }
};
