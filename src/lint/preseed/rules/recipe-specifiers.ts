/** The specifiers of a recipe's partitions: names, methods, file systems, mount points. */
import { shown } from '../check.ts';
import { contentOf, type RecipePartition } from '../recipe.ts';
import { FILE_SYSTEMS, nearby, type Tell } from './recipe-limits.ts';
import { RECIPE_RULES } from './recipe-rules.ts';

const { specifier } = RECIPE_RULES;

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
  'raidid',
];
const METHODS = ['format', 'keep', 'swap', 'lvm', 'raid', 'efi', 'biosgrub', 'crypto', 'newworld', 'prep'];

export const checkSpecifiers = (partition: RecipePartition, tell: Tell): void => {
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
