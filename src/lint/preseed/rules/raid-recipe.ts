/** partman-auto-raid/recipe (partman-auto-raid-recipe.txt of the source package debian-installer). */
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, hasPlaceholder, shownValue } from '../check.ts';
import { parseRaidRecipe, raidFault } from '../raid-recipe.ts';

const raid: Rule = {
  name: 'preseed/raid-recipe',
  severity: 'error',
  summary: 'An array is `LEVEL DEVICES SPARES FS MOUNTPOINT DEV#DEV… [SPARE#…] .`, and the numbers have to agree.',
  source: 'partman-auto-raid-recipe.txt of the source package debian-installer',
  bad: 'd-i partman-auto-raid/recipe string 1 2 0 ext4 / /dev/sda1 .\n',
  good: 'd-i partman-auto-raid/recipe string 1 2 0 ext4 / /dev/sda1#/dev/sdb1 .\n',
};

export const raidRecipe: Check = {
  rules: [raid],
  look(file, report) {
    const answer = answerTo(file, 'partman-auto-raid/recipe');
    if (!answer || answer.value.text.length > 100_000 || hasPlaceholder(answer.value.text)) return;
    const { arrays, unended } = parseRaidRecipe(answer.value.text);
    for (const array of arrays) {
      const fault = raidFault(array);
      if (fault)
        report(
          raid,
          answer.placeInValue(fault.word.at, fault.word.text.length),
          fault.message(shownValue(fault.word.text)),
        );
    }
    if (unended)
      report(raid, answer.placeInValue(unended.at, unended.text.length), 'this last array has no `.` at its end', {
        hint: 'End it with a `.`, with a blank before.',
      });
  },
};
