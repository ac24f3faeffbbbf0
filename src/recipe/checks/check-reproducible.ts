/** What `capture.reproducible` needs: partitions that can be written again, and a date that the image is made of. */

import type { Problem } from '../problems/problem.ts';
import { isAssembled } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';

export const checkReproducible = ({ origin, answers, capture }: Recipe): Problem[] => {
  if (!capture.reproducible) return [];
  const path = ['capture', 'reproducible'];
  const problems: Problem[] = [];
  if (!isAssembled(origin))
    problems.push({
      path,
      message: 'the date of the image comes from a lock, which only an assembled medium has',
      hint: 'Install from packages (`origin.assemble`), or leave it out.',
    });
  if (answers.disk.layout !== 'plain')
    problems.push({
      path,
      message: `only ext4 on plain partitions can be rebuilt, not the layout ${answers.disk.layout}`,
      hint: '`answers.disk.layout: plain`, or leave it out.',
    });
  return problems;
};
