/**
 * From a recipe to everything the installer is told: preseed.cfg or ks.cfg, the files for Ingot's hooks, kernel arguments.
 * Nothing here depends on the clock, the host or the build: the same recipe gives the same bytes, so media can be made
 * again. The key that a build logs in with is never part of it.
 */
import type { AnswerContext, AnswerSet } from '../answers/answer-set.ts';
import type { Recipe } from '../recipe/schema.ts';
import { distributionOf } from './find.ts';

/**
 * `renderAnswers(loaded.recipe, {...loaded, delivery: false})`. Throws `recipe.template` with template:line when a value
 * is missing or cannot be carried, or when an installer would stop at what was rendered.
 */
export const renderAnswers = async (recipe: Recipe, context: AnswerContext): Promise<AnswerSet> =>
  (await distributionOf(recipe)).answers.render(recipe, context);
