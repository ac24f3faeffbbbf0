/** Tests in a file of their own, or those of a recipe. */
import { dirname, resolve } from 'node:path';
import { retold } from '../../errors.ts';
import { loadRecipe } from '../load.ts';
import { explain, knownKeys } from '../problems/explain-issue.ts';
import type { Problem } from '../problems/problem.ts';
import { recipeError } from '../problems/recipe-error.ts';
import { type Tests, testsSchema } from '../schema/tests-schema.ts';
import { readText } from './load-one.ts';
import { parseRecipeText, plainOf, sourceAt } from './recipe-document.ts';
import type { VariableSources } from './variables.ts';

export interface LoadedTests {
  readonly tests: Tests;
  /** Where files that they name are looked for. */
  readonly folder: string;
  /** The text, for the run folder. */
  readonly text: string;
}

/** Boots it once, and expects that nothing fails. */
export const defaultTests = (): LoadedTests => ({ tests: testsSchema.parse({}), folder: process.cwd(), text: '{}\n' });

/** Throws as `loadRecipe` does. A recipe without tests has the default ones. */
export const loadTests = async (path: string, sources: VariableSources): Promise<LoadedTests> => {
  const text = await readText(path);
  const folder = dirname(resolve(path));
  const { document, problems } = parseRecipeText(path, text);
  if (problems.length > 0) throw retoldAsTests(recipeError(document, problems));
  const plain = plainOf(document, document.yaml.contents ?? undefined);
  if ('message' in plain) throw retoldAsTests(recipeError(document, [{ path: [], message: plain.message }]));
  if (isRecipe(plain.value)) {
    const loaded = await loadRecipe(path, sources);
    return { tests: loaded.recipe.tests ?? testsSchema.parse({}), folder, text: loaded.secrets.redact(loaded.text) };
  }
  const parsed = testsSchema.safeParse(plain.value ?? {}, { error: knownKeys });
  if (parsed.success) return { tests: parsed.data, folder, text };
  const found =
    otherForm(plain.value) ?? explain(parsed.error.issues, plain.value, (at) => sourceAt(document, at), testsSchema);
  throw retoldAsTests(recipeError(document, found));
};

const isRecipe = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'os' in value && 'origin' in value;

/** What people have at hand: a part of a recipe, or a goss file. */
const otherForm = (value: unknown): Problem[] | undefined => {
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const [first] = keys;
  if (first === 'tests' && keys.length === 1) {
    const hint = 'Leave out the line `tests:`, and move what is below it to the left.';
    return [{ path: [first], at: 'key', message: 'a file of tests has what stands below `tests:` in a recipe', hint }];
  }
  if (first === undefined || !keys.every((key) => GOSS.includes(key))) return undefined;
  const hint = 'Name it in a file of tests: `checks: [{goss: goss.yaml}]`.';
  return [{ path: [first], at: 'key', message: 'it looks like a goss file', hint }];
};

/** Its resources; none of them is a part of the tests. */
const GOSS =
  'addr command dns file gossfile group http interface kernel-param matching mount package port process service user'.split(
    ' ',
  );

const retoldAsTests = (error: ReturnType<typeof recipeError>) =>
  retold(error, { message: error.message.replace('the recipe', 'the file with tests') });
