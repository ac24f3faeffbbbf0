/** Hosts of a recipe's media in `ingot explain`: what is different for each; the image is for none of them. */
import { changedPaths } from '../../recipe/load/changed-paths.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type HostMatch, ID_KINDS } from '../../recipe/schema/hosts-schema.ts';

export interface ExplainedHost {
  readonly name: string;
  readonly match: HostMatch;
  /** Fields of the recipe that it has of its own. */
  readonly changes: readonly string[];
}

export const hostsOf = ({ recipe, hosts }: LoadedRecipe): ExplainedHost[] =>
  hosts.map(({ name, match, loaded }) => ({
    name,
    match,
    changes: changedPaths(recipe.answers, loaded.recipe.answers).map((path) => `answers.${path}`),
  }));

export const hostsText = (hosts: readonly ExplainedHost[]): string => {
  const lines = hosts.map(
    ({ name, match, changes }) =>
      `  ${name.padEnd(15)}${idsText(match)}\n${' '.repeat(17)}${changes.join(', ') || 'nothing of its own'}\n`,
  );
  return `hosts of its media\n${lines.join('')}`;
};

const idsText = (match: HostMatch): string =>
  ID_KINDS.flatMap((kind) => (match[kind] === undefined ? [] : [`${kind} ${match[kind].join(' or ')}`])).join(', ');
