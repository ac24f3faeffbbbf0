/** From a file to a recipe: YAML, variables, schema, rules across fields, files and secrets; all errors at once. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { IngotError, messageOf } from '../errors.ts';
import { sha256 } from '../host/files.ts';
import { crossCheck } from './check.ts';
import { parseRecipeText, type RecipeDocument, sourceAt } from './document.ts';
import { explain, knownKeys } from './explain.ts';
import { readHostFiles } from './host-files.ts';
import type { Path, Problem } from './problem.ts';
import { recipeError } from './recipe-error.ts';
import { type Recipe, recipeSchema } from './schema.ts';
import { resolveSecrets, type SecretStore } from './secrets.ts';
import { substituteVariables, type VariableSources } from './variables.ts';
import type { Variables } from './variables-schema.ts';

export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** Absolute path of the recipe file, and the folder that relative paths start from. */
  readonly path: string;
  readonly folder: string;
  /** The file as it was read. */
  readonly text: string;
  /** SHA-256 of the resolved recipe with its variables and the small files it names; secrets are not in it. */
  readonly digest: string;
  readonly variables: Variables;
  readonly secrets: SecretStore;
  /** Content of the files that go into the answers, by the path as the recipe has it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads and checks a recipe; nothing is started. Throws `recipe.unreadable`, `recipe.invalid` (with every problem and
 * its position) or `recipe.unsupported`.
 */
export const loadRecipe = async (path: string, sources: VariableSources = {}): Promise<LoadedRecipe> => {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  const text = await readText(path);
  const { document, problems: syntax } = parseRecipeText(path, text);
  if (syntax.length > 0) throw recipeError(document, syntax);
  const { recipe, variables } = parseRecipe(document, sources);
  const files = await readHostFiles(recipe, folder);
  const { secrets, problems } = await resolveSecrets(recipe, { folder, env: sources.env });
  const wrong = [...crossCheck(recipe), ...files.problems, ...problems];
  if (wrong.length > 0) throw recipeError(document, wrong);
  const digest = sha256(canonicalJson({ recipe, variables, files: digests(files.contents) }));
  return { recipe, path: absolute, folder, text, digest, variables, secrets, files: files.contents };
};

const readText = async (path: string): Promise<string> => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new IngotError(
      'recipe.unreadable',
      missing ? 'there is no such recipe' : `cannot be read: ${messageOf(error)}`,
      {
        where: path,
        hint: missing ? '`ingot init` writes one to start from.' : undefined,
        cause: error,
      },
    );
  }
};

const parseRecipe = (document: RecipeDocument, sources: VariableSources): { recipe: Recipe; variables: Variables } => {
  const { values, problems, unfilled } = substituteVariables(document, sources);
  const input = toPlain(document);
  const parsed = recipeSchema.safeParse(input, { error: knownKeys });
  const issues = parsed.success ? [] : explain(parsed.error.issues, input, (path) => sourceAt(document, path));
  const own = issues.filter(({ path }) => !unfilled.some((place) => isWithin(place, path)));
  const all = [...problems, ...own];
  if (all.length > 0 || !parsed.success) throw recipeError(document, all);
  return { recipe: parsed.data, variables: values };
};

const toPlain = (document: RecipeDocument): unknown => {
  if (document.yaml.contents === null) throw recipeError(document, [{ path: [], message: 'the recipe is empty' }]);
  try {
    return document.yaml.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw recipeError(document, [{ path: [], message: `not valid YAML: ${messageOf(error)}` } satisfies Problem]);
  }
};

const isWithin = (place: Path, path: Path): boolean => place.every((part, index) => path[index] === part);

const digests = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, sha256(content)]));
