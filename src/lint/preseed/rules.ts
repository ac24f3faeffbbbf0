/** All checks of preseed files, and the table of their rules. */
import type { Rule } from '../rule.ts';
import type { Check } from './check.ts';
import { accounts } from './rules/accounts.ts';
import { choices } from './rules/choices.ts';
import { commandTarget } from './rules/command-target.ts';
import { commands } from './rules/commands.ts';
import { earlyQuestions } from './rules/early.ts';
import { emptyValues } from './rules/empty-values.ts';
import { localRepositories } from './rules/local-repository.ts';
import { locationQuestions } from './rules/location.ts';
import { mirror } from './rules/mirror.ts';
import { networkRules } from './rules/network.ts';
import { owners } from './rules/owners.ts';
import { packages } from './rules/packages.ts';
import { partman } from './rules/partman.ts';
import { passwords } from './rules/passwords.ts';
import { place } from './rules/place.ts';
import { questions } from './rules/questions.ts';
import { raidRecipe } from './rules/raid-recipe.ts';
import { recipe } from './rules/recipe.ts';
import { refusals } from './rules/refusals.ts';
import { syntax } from './rules/syntax.ts';
import { unansweredQuestions } from './rules/unanswered.ts';
import { values } from './rules/values.ts';
import { whiteSpace } from './rules/white-space.ts';

export const CHECKS: readonly Check[] = [
  syntax,
  whiteSpace,
  questions,
  owners,
  values,
  choices,
  emptyValues,
  passwords,
  accounts,
  place,
  networkRules,
  mirror,
  localRepositories,
  packages,
  partman,
  refusals,
  recipe,
  raidRecipe,
  commands,
  commandTarget,
  earlyQuestions,
  locationQuestions,
  unansweredQuestions,
];

export const PRESEED_RULES: readonly Rule[] = CHECKS.flatMap(({ rules }) => rules);
