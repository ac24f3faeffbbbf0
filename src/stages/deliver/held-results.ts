/** What is in a result that is for its owner alone, in words. */
import { heldBy } from '../../answers/held.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { renderLoaded } from '../answers/answers-stage.ts';
import { usesSecret } from '../configure/step-key.ts';

/** In the answers on a medium for delivery. */
export const heldByMedium = async (loaded: LoadedRecipe): Promise<string[]> => {
  const { initrd } = await renderLoaded({ loaded, purpose: 'delivery' });
  return heldBy(initrd.map(({ content }) => content));
};

/** In an image: /etc/shadow, and whatever steps were told to leave there. */
export const heldByImage = (loaded: LoadedRecipe): string[] => {
  const { root, users, template } = loaded.recipe.answers;
  const hasHash = [root, ...users].some(({ password }) => password !== undefined) || template !== undefined;
  const hasSecret = loaded.recipe.configure.some((step) => usesSecret(step, loaded));
  const own = [...(hasHash ? ['password hashes'] : []), ...(hasSecret ? ['what steps wrote with secrets'] : [])];
  return [...new Set([...own, ...(loaded.parent === undefined ? [] : heldByImage(loaded.parent))])];
};

/** For a summary; nothing when there is nothing. */
export const heldText = (held: readonly string[]): string[] =>
  held.length === 0 ? [] : [`It holds ${held.join(' and ')}: only you can read it.`];
