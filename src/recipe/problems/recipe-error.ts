/** What is wrong with a recipe: every problem with its position and its line, all of them in one error. */
import { IngotError, none } from '../../errors.ts';
import { offsetOf, type RecipeDocument, sourceAt } from '../load/recipe-document.ts';
import { type Problem, pathText } from './problem.ts';

interface Placed extends Problem {
  readonly offset: number;
  readonly where: string;
}

const place = (document: RecipeDocument, problem: Problem): Placed => {
  const offset = problem.offset ?? offsetOf(document, problem.path, problem.at ?? 'value');
  const { line, col } = document.lines.linePos(offset);
  const hint = problem.hint ?? variableHint(sourceAt(document, problem.path));
  return { ...problem, hint, offset, where: `${document.name}:${Math.max(line, 1)}:${Math.max(col, 1)}` };
};

/** The mistake may be in a value from outside, not in the recipe. */
const variableHint = (source: string | undefined): string | undefined => {
  const [, name] = /\$\{var:([^}]+)\}/.exec(source ?? '') ?? [];
  return name === undefined ? undefined : `The variable \`${name}\` is set with --var ${name}=… or INGOT_VAR_${name}.`;
};

/** The line and a caret below the place. Not shown where a secret may have been written. */
const excerpt = (document: RecipeDocument, problem: Placed): string[] => {
  if (problem.secret || problem.path.includes('password')) return [];
  const [, line = '1', column = '1'] = /:(\d+):(\d+)$/.exec(problem.where) ?? [];
  const source = lineOf(document, Number(line));
  if (/password|hash/i.test(source)) return [];
  const margin = ' '.repeat(line.length + 2);
  const indent = source.slice(0, Number(column) - 1).replaceAll(/[^\t]/g, ' ');
  return [`  ${line} | ${source}`, `${margin} | ${indent}^`];
};

/** The beginning of a line that is too long is enough. */
const LONGEST_SHOWN = 400;

const lineOf = ({ text, lines }: RecipeDocument, line: number): string => {
  const begin = lines.lineStarts[line - 1] ?? 0;
  const end = lines.lineStarts[line] ?? text.length;
  return text
    .slice(begin, end)
    .replace(/\r?\n$/, '')
    .slice(0, LONGEST_SHOWN);
};

const block = (document: RecipeDocument, problem: Placed): string[] => [
  `${problem.where}: ${headline(problem)}`,
  ...excerpt(document, problem),
  ...(problem.hint === undefined ? [] : [`  ${problem.hint}`]),
];

const headline = ({ path, message }: Problem): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/** Nobody reads more of them. */
const MOST_PROBLEMS = 200;

/**
 * One error for all problems, in the order of the text. `where` is the first position; `detail` has a block for each:
 * `recipe.yaml:12:7: machine.disk: expected a size …`, the line, a caret, and a hint where there is one.
 */
export const documentError = (
  document: RecipeDocument,
  problems: readonly Problem[],
  { code, message }: { readonly code: string; readonly message: string },
): IngotError => {
  const placed = problems
    .slice(0, MOST_PROBLEMS)
    .map((problem) => place(document, problem))
    .sort((one, other) => one.offset - other.offset || one.message.localeCompare(other.message));
  const rest = problems.length > placed.length ? [`and ${problems.length - placed.length} more`] : [];
  return new IngotError(code, problems.length === 1 ? message : `${message}, ${problems.length} things are wrong`, {
    where: placed[0]?.where,
    detail: [...placed.flatMap((problem) => block(document, problem)), ...rest].join('\n'),
    hint: none('each problem has its own, below its line'),
  });
};

export const recipeError = (document: RecipeDocument, problems: readonly Problem[]): IngotError => {
  const unsupported = problems.slice(0, MOST_PROBLEMS).every((problem) => problem.code === 'recipe.unsupported');
  return unsupported
    ? documentError(document, problems, {
        code: 'recipe.unsupported',
        message: 'the recipe asks for something that cannot be built',
      })
    : documentError(document, problems, { code: 'recipe.invalid', message: 'the recipe is not valid' });
};
