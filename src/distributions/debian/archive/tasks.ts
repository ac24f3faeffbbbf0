/**
 * Debian's tasks: a package task-NAME whose recommendations are the content of the task (tasksel(8) installs them as
 * well, whatever is set for other packages).
 */

import type { PackageIndex } from './package-index.ts';
import type { Request } from './request.ts';

export const taskPackage = (task: string): string => `task-${task}`;

/** What the tasks recommend, of each list of alternatives the first that the archive has. */
export const recommendedBy = (tasks: readonly string[], index: PackageIndex): Request[] =>
  tasks.flatMap((task) => {
    const fields = index.find(taskPackage(task)).at(-1)?.fields;
    const lists = (fields?.get('recommends') ?? '').split(',').filter((list) => list.trim() !== '');
    return lists.flatMap((list) => {
      const names = list.split('|').map((one) => /^\s*([^\s:(]+)/.exec(one)?.[1] ?? '');
      const name = names.find((one) => index.find(one).length > 0);
      return name === undefined ? [] : [{ name, where: `answers.tasks, recommended by ${taskPackage(task)}` }];
    });
  });
