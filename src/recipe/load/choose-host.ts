/** A host of a recipe as a recipe of its own: what `--host NAME` asks for. */
import { IngotError } from '../../errors.ts';
import { suggest } from '../../suggest.ts';
import type { LoadedRecipe } from './loaded.ts';

const LONGEST_NAME = 64;

/** Throws `usage.no-such-host`. */
export const chooseHost = (loaded: LoadedRecipe, name: string): LoadedRecipe => {
  const { hosts, recipe } = loaded;
  const found = hosts.find((host) => host.name === name);
  if (found === undefined) {
    const names = hosts.map((host) => host.name);
    const near = suggest(name, names);
    throw new IngotError('usage.no-such-host', `the recipe has no host \`${name}\``, {
      where: loaded.path,
      hint:
        near !== undefined
          ? `Did you mean \`${near}\`?`
          : names.length === 0
            ? 'It has no `hosts` at all.'
            : `It has: ${names.join(', ')}.`,
    });
  }
  const own = found.loaded.recipe;
  // A name that contains the host's variables is different already.
  if (own.name !== recipe.name) return found.loaded;
  return { ...found.loaded, recipe: { ...own, name: `${own.name}-${name}`.slice(0, LONGEST_NAME) } };
};
