/** What is wrong with a recipe: every problem with its position and its line, all of them in one error. */
import { IngotError } from '../errors.ts';
import { offsetOf, type RecipeDocument } from './document.ts';
import { type Problem, pathText } from './problem.ts';

interface Placed extends Problem {
  readonly offset: number;
  readonly where: string;
}

const place = (document: RecipeDocument, problem: Problem): Placed => {
  const offset = problem.offset ?? offsetOf(document, problem.path, problem.at ?? 'value');
  const { line, col } = document.lines.linePos(offset);
  return { ...problem, offset, where: `${document.name}:${Math.max(line, 1)}:${Math.max(col, 1)}` };
};

/** The line and a caret below the place. Not shown where a secret may have been written. */
const excerpt = (document: RecipeDocument, problem: Placed): string[] => {
  if (problem.secret) return [];
  const [, line = '1', column = '1'] = /:(\d+):(\d+)$/.exec(problem.where) ?? [];
  const source = document.text.split(/\r?\n/)[Number(line) - 1] ?? '';
  const margin = ' '.repeat(line.length + 2);
  const indent = source.slice(0, Number(column) - 1).replaceAll(/[^\t]/g, ' ');
  return [`  ${line} | ${source}`, `${margin} | ${indent}^`];
};

const block = (document: RecipeDocument, problem: Placed): string[] => [
  `${problem.where}: ${headline(problem)}`,
  ...excerpt(document, problem),
  ...(problem.hint === undefined ? [] : [`  ${problem.hint}`]),
];

const headline = ({ path, message }: Problem): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/**
 * One error for all problems, in the order of the text: `recipe.yaml:12:7: machine.disk: expected a size …`, each with
 * its line. A single problem is the error's own message and place; several are listed in `detail`.
 */
export const recipeError = (document: RecipeDocument, problems: readonly Problem[]): IngotError => {
  const placed = problems
    .map((problem) => place(document, problem))
    .sort((one, other) => one.offset - other.offset || one.message.localeCompare(other.message));
  const code = placed.every((problem) => problem.code === 'recipe.unsupported')
    ? 'recipe.unsupported'
    : 'recipe.invalid';
  const [first] = placed;
  if (first && placed.length === 1) {
    const { where, hint } = first;
    return new IngotError(code, headline(first), { where, hint, detail: excerpt(document, first).join('\n') });
  }
  return new IngotError(code, `the recipe is not valid, ${placed.length} things are wrong`, {
    where: first?.where,
    detail: placed.flatMap((problem) => block(document, problem)).join('\n'),
  });
};
