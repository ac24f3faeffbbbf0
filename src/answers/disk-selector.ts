/** Which disk a machine is installed on, in the words of Ingot's hooks. */
import type { Recipe } from '../recipe/schema.ts';

/** The build machine has one disk, which Ingot gave it; on other machines the recipe's selector decides. */
export const diskSelector = ({ answers: { disk } }: Recipe): string => {
  if (typeof disk.select === 'string') return disk.select;
  if ('ids' in disk.select) return `by-ids ${disk.select.ids.join(' ')}`;
  return 'id' in disk.select ? `by-id ${disk.select.id}` : `min-size ${disk.select.minSize}`;
};
