/**
 * Users and groups that steps name: one that nothing can have made ends the step, after the whole installation. Only what is
 * sure is told: packages, scripts and images of others make accounts as well.
 */
import { FAMILY_RULES } from '../../distributions/recipe-rules.ts';
import { suggest } from '../../suggest.ts';
import type { Path, Problem } from '../problems/problem.ts';
import type { ConfigureStep } from '../schema/configure-schema.ts';
import { isImage } from '../schema/origin-schema.ts';
import type { Recipe } from '../schema.ts';

export const checkStepAccounts = (recipe: Recipe): Problem[] => {
  const { answers, origin, media, os, configure } = recipe;
  const others = [answers.packages, answers.tasks, media.packages].some((list) => list.length > 0);
  if (others || isImage(origin) || answers.late !== undefined || answers.template !== undefined) return [];
  const system = ['root', ...FAMILY_RULES[os.family].reservedNames];
  const users = answers.users.map(({ name }) => name);
  const groups = answers.users.flatMap((user) => user.groups);
  const makes = configure.findIndex((step) => 'run' in step || 'ansible' in step);
  // The first script is looked at as well: its user has to be there before it runs.
  const sure = makes < 0 ? configure : configure.slice(0, makes + 1);
  return sure.flatMap((step, index) =>
    namesIn(step, ['configure', index])
      .filter(({ name, kind }) => ![...system, ...users, ...(kind === 'group' ? groups : [])].includes(name))
      .map(({ name, kind, path }) => {
        const meant = suggest(name, [...users, 'root']);
        return {
          path,
          message: `there is no ${kind} ${name} when this step runs`,
          hint:
            meant === undefined
              ? `Name it in answers.users, or make it in a step before: \`${kind}add --system ${name}\`.`
              : `Did you mean \`${meant}\`?`,
        };
      }),
  );
};

interface Named {
  readonly name: string;
  readonly kind: 'user' | 'group';
  readonly path: Path;
}

const namesIn = (step: ConfigureStep, at: Path): Named[] => {
  if ('run' in step) return [{ name: step.run.user, kind: 'user', path: [...at, 'run', 'user'] }];
  if (!('copy' in step)) return [];
  const [user = 'root', group] = step.copy.owner.split(':');
  const path = [...at, 'copy', 'owner'];
  return [
    { name: user, kind: 'user', path },
    ...(group === undefined || group === user ? [] : [{ name: group, kind: 'group' as const, path }]),
  ];
};
