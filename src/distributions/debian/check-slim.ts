/** `slim.remove` must name nothing that the recipe asks for, explicitly or through what its answers need. */
import type { Problem } from '../../recipe/problems/problem.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { neededByRecipe } from './archive/implied.ts';

const GENERAL_KERNEL = 'linux-image-amd64';

export const checkSlim = (recipe: Recipe): Problem[] => {
  const { remove, strip } = recipe.slim;
  const needed = new Map(neededByRecipe(recipe).map(({ name, why }) => [name, why]));
  const contradictions = remove.flatMap((name, index) => {
    const why = needed.get(name);
    if (why === undefined) return [];
    return [
      {
        path: ['slim', 'remove', index],
        message: `\`${name}\` cannot be removed: ${why}`,
        hint: 'Take it out of slim.remove, or change what asks for it.',
      },
    ];
  });
  const kernel = strip.indexOf('cloud-kernel');
  return kernel >= 0 && needed.has(GENERAL_KERNEL)
    ? [
        ...contradictions,
        {
          path: ['slim', 'strip', kernel],
          message: `cloud-kernel takes ${GENERAL_KERNEL} away, which the recipe asks for`,
          hint: 'Leave one of them out.',
        },
      ]
    : contradictions;
};
