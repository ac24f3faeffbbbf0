/** Whether one medium can install all hosts of a recipe: its kernel command line and its list of packages are one for all. */

import type { AnswerSet } from '../../answers/answer-set.ts';
import type { HostAnswers } from '../../answers/hosts.ts';
import { requestedPackages } from '../../distributions/debian/archive/implied.ts';
import { distributionOf } from '../../distributions/find.ts';
import { IngotError } from '../../errors.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isAssembled } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';

interface RenderedHost extends HostAnswers {
  readonly loaded: LoadedRecipe;
}

/** Throws `recipe.hosts` with a line for each host that asks for another medium. */
export const requireOneMedium = async (
  loaded: LoadedRecipe,
  base: AnswerSet,
  hosts: readonly RenderedHost[],
): Promise<void> => {
  const { medium } = await distributionOf(loaded.recipe);
  const inMenu = (answers: AnswerSet) => medium.menuArguments(answers.targetArguments);
  const lines = hosts.flatMap((host) =>
    [
      ...differences(base, host),
      ...(isSame(inMenu(base), inMenu(host.answers))
        ? []
        : ["kernel arguments of the system stand in the medium's menu (answers.kernelArguments, answers.consoles)"]),
      ...packageDifferences(loaded.recipe, host.loaded.recipe),
    ].map((line) => `${host.name}: ${line}`),
  );
  if (lines.length === 0) return;
  throw new IngotError('recipe.hosts', 'the hosts differ in something that is the same for all on one medium', {
    where: loaded.path,
    detail: lines.join('\n'),
    hint: 'Set it in `answers` of the recipe, for all of them, or make separate media with `variants`.',
  });
};

const differences = (base: AnswerSet, { answers }: RenderedHost): string[] =>
  isSame(base.installerArguments, answers.installerArguments)
    ? []
    : ["kernel arguments of the installer stand in the medium's menu (answers.installerArguments)"];

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.join('\n') === other.join('\n');

/** An assembled medium has one list, which is installed on every machine. */
const packageDifferences = (recipe: Recipe, own: Recipe): string[] => {
  if (!isAssembled(recipe.origin)) return [];
  const more = without(namesOf(own), namesOf(recipe));
  const fewer = without(asked(recipe), asked(own));
  return [
    ...(more.length === 0 ? [] : [`packages that the medium's list lacks: ${more.join(', ')}`]),
    ...(fewer.length === 0 ? [] : [`packages of the medium's list are installed on every host: ${fewer.join(', ')}`]),
  ];
};

const namesOf = (recipe: Recipe): string[] => requestedPackages(recipe).install.map(({ name }) => name);

const asked = ({ answers }: Recipe): string[] => [...answers.packages, ...answers.tasks];

const without = (names: readonly string[], others: readonly string[]): string[] => [
  ...new Set(names.filter((name) => !others.includes(name))),
];
