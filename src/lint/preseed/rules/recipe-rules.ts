/** The rules about partman-auto/expert_recipe. */
import type { Rule } from '../../rule.ts';

const SOURCE = 'partman-auto-recipe.txt of the source package debian-installer; lib/recipes.sh of partman-auto';

const recipe = (partition: string): string => `d-i partman-auto/expert_recipe string one :: ${partition}\n`;
const ROOT = 'method{ format } format{ } use_filesystem{ } filesystem{ ext4 } mountpoint{ / } .';

export const RECIPE_RULES = {
  syntax: {
    name: 'preseed/recipe-syntax',
    severity: 'error',
    summary: 'A recipe is words divided by blanks; a brace or a full stop at the wrong place makes parts of it vanish.',
    source: SOURCE,
    bad: recipe(`500 1000 -1 ext4 label{root} ${ROOT}`),
    good: recipe(`500 1000 -1 ext4 ${ROOT}`),
  },
  size: {
    name: 'preseed/recipe-size',
    severity: 'error',
    summary: 'A size is in megabytes or a percentage of the memory; others are taken for more than any disk has.',
    source: SOURCE,
    bad: recipe(`5GB 1000 -1 ext4 ${ROOT}`),
    good: recipe(`5000 6000 -1 ext4 ${ROOT}`),
  },
  specifier: {
    name: 'preseed/recipe-specifier',
    severity: 'error',
    summary: 'A specifier, method or file system that does not exist: the partition is made without it.',
    source: SOURCE,
    bad: recipe(`500 1000 -1 ext4 lable{ root } ${ROOT}`),
    good: recipe(`500 1000 -1 ext4 ${ROOT}`),
  },
  root: {
    name: 'preseed/recipe-root',
    severity: 'error',
    summary: 'Exactly one partition is mounted at /; without it, or with two at one place, the installer stops.',
    source: 'check.d/proper_mountpoints of partman-target',
    bad: recipe(`500 1000 -1 ext4 ${ROOT.replace('/ }', '/srv }')}`),
    good: recipe(`500 1000 -1 ext4 ${ROOT}`),
  },
  lvm: {
    name: 'preseed/recipe-lvm',
    severity: 'error',
    summary:
      'With the methods lvm and crypto a recipe needs partitions marked `$lvmok{ }`, and / or /boot outside of them.',
    source: 'lib/auto-lvm.sh of partman-auto-lvm (unusable_recipe, no_boot)',
    bad: `d-i partman-auto/method string lvm\n${recipe(`500 1000 -1 ext4 ${ROOT}`)}`,
    good: `d-i partman-auto/method string lvm\n${recipe(`500 500 500 ext4 ${ROOT.replace('/ }', '/boot }')} 500 1000 -1 ext4 $lvmok{ } ${ROOT}`)}`,
  },
  disk: {
    name: 'preseed/recipe-disk',
    severity: 'error',
    summary: 'The least that the partitions need together is more than the disk has.',
    source: SOURCE,
    bad: recipe(`999000000 999000000 -1 ext4 ${ROOT}`),
    good: recipe(`500 1000 -1 ext4 ${ROOT}`),
  },
} as const satisfies Record<string, Rule>;
