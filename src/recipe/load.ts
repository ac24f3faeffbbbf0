/** From a file to a recipe: YAML, variables, schema, rules across fields, files and secrets; all errors at once. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { IngotError, messageOf } from '../errors.ts';
import { sha256 } from '../host/files.ts';
import { crossCheck } from './check.ts';
import { nodeAt, parseRecipeText, plainOf, type RecipeDocument, sourceAt } from './document.ts';
import { explain, knownKeys } from './explain.ts';
import { readHostFiles } from './host-files.ts';
import { isWithin, type Path } from './problem.ts';
import { recipeError } from './recipe-error.ts';
import { salvage } from './salvage.ts';
import { type Recipe, recipeSchema } from './schema.ts';
import { checkScripts } from './scripts/check-scripts.ts';
import { textFault } from './scripts/text-fault.ts';
import { resolveSecrets, type SecretStore } from './secrets.ts';
import { substituteVariables, type VariableSources } from './variables.ts';
import type { Variables } from './variables-schema.ts';
import { type Combination, combinationsOf, suffixOf, TooManyCombinations, variantsSchema } from './variants.ts';

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
 * All builds that a recipe asks for: one, or one for each combination of its `variants`, with the values appended to
 * its name unless the name itself has them. Errors as `loadRecipe`.
 */
export const loadVariants = async (path: string, sources: VariableSources = {}): Promise<LoadedRecipe[]> => {
  const { document } = parseRecipeText(path, await readText(path));
  const combinations = combinationsIn(document, sources);
  const all = await Promise.all(
    combinations.map((chosen) => loadOne(path, { ...sources, variables: { ...sources.variables, ...chosen } })),
  );
  const names = new Set(all.map(({ recipe }) => recipe.name));
  if (names.size === all.length) return all;
  return all.map((loaded, nth) => {
    const name = `${loaded.recipe.name}${suffixOf(combinations[nth] ?? {})}`;
    return { ...loaded, recipe: { ...loaded.recipe, name } };
  });
};

/** What is wrong with the block, or not declared, is told with all the other mistakes. */
const combinationsIn = (document: RecipeDocument, sources: VariableSources): Combination[] => {
  const written = (name: string): unknown => {
    const plain = plainOf(document, nodeAt(document, [name]));
    return 'value' in plain ? plain.value : undefined;
  };
  const variants = variantsSchema.safeParse(written('variants'));
  if (!variants.success) return [{}];
  try {
    return combinationsOf(variants.data, Object.keys(written('variables') ?? {}), sources);
  } catch (error) {
    if (!(error instanceof TooManyCombinations)) throw error;
    throw recipeError(document, [{ path: ['variants'], at: 'key', message: error.message }]);
  }
};

/** The one build that a recipe asks for; throws `recipe.has-variants` when it asks for several. Otherwise as `loadOne`. */
export const loadRecipe = async (path: string, sources: VariableSources = {}): Promise<LoadedRecipe> => {
  const loaded = await loadVariants(path, sources);
  const [only] = loaded;
  if (only && loaded.length === 1) return only;
  const open = Object.entries(only?.recipe.variants ?? {}).map(([name, values]) => `--var ${name}=${values.join('|')}`);
  throw new IngotError('recipe.has-variants', `the recipe has ${loaded.length} variants, and this is about one`, {
    where: path,
    hint: `Choose it: ${open.join(' ')}`,
  });
};

/**
 * Reads and checks a recipe; nothing is started. Throws `recipe.unreadable`, `recipe.invalid` (with every problem and
 * its position) or `recipe.unsupported`.
 */
const loadOne = async (path: string, sources: VariableSources): Promise<LoadedRecipe> => {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  const text = await readText(path);
  const { document, problems: syntax } = parseRecipeText(path, text);
  if (syntax.length > 0) throw recipeError(document, syntax);
  const { recipe, variables, problems: wrongFields, input, unfilled } = parseRecipe(document, sources);
  const { env } = sources;
  if (recipe === undefined) {
    const rest = wrongFields.length > MOST_WRONG ? undefined : salvage(input, unfilled);
    const others = rest === undefined ? [] : (await lookAround(rest.recipe, { folder, env }, rest.dropped)).problems;
    throw recipeError(document, [...wrongFields, ...others.map((problem) => rest?.placed(problem) ?? problem)]);
  }
  const { problems, secrets, files } = await lookAround(recipe, { folder, env });
  if (problems.length > 0) throw recipeError(document, problems);
  const digest = sha256(canonicalJson({ recipe, variables, files: digests(files) }));
  return { recipe, path: absolute, folder, text, digest, variables, secrets, files };
};

/** With more of them nothing is left that other rules could be held against. */
const MOST_WRONG = 300;

const readText = async (path: string): Promise<string> => {
  try {
    const content = await readFile(path);
    const fault = textFault(content, path, { isScript: false });
    if (fault?.message.includes('UTF-16'))
      throw new IngotError('recipe.unreadable', fault.message, { where: path, hint: fault.hint });
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof IngotError) throw error;
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

interface Around {
  readonly folder: string;
  readonly env: VariableSources['env'];
}

/** What the fields mean together and for this host; `doubtful` fields hold something else than the file says. */
const lookAround = async (recipe: Recipe, { folder, env }: Around, doubtful: readonly Path[] = []) => {
  const files = await readHostFiles(recipe, folder);
  const { secrets, problems } = await resolveSecrets(recipe, { folder, env });
  return {
    problems: [
      ...crossCheck(recipe, doubtful),
      ...files.problems,
      ...(await checkScripts(recipe, folder)),
      ...problems,
    ],
    secrets,
    files: files.contents,
  };
};

const parseRecipe = (document: RecipeDocument, sources: VariableSources) => {
  const { values: variables, problems, unfilled } = substituteVariables(document, sources);
  const input = toPlain(document);
  const parsed = recipeSchema.safeParse(input, { error: knownKeys });
  const issues = parsed.success ? [] : explain(parsed.error.issues, input, (path) => sourceAt(document, path));
  const own = issues.filter(({ path }) => !unfilled.some((place) => isWithin(place, path)));
  const all = [...problems, ...own];
  return { recipe: all.length === 0 ? parsed.data : undefined, variables, problems: all, input, unfilled };
};

const toPlain = (document: RecipeDocument): unknown => {
  if (document.yaml.contents === null) throw recipeError(document, [{ path: [], message: 'the recipe is empty' }]);
  const plain = plainOf(document, document.yaml.contents);
  if ('value' in plain) return plain.value;
  throw recipeError(document, [{ path: [], message: plain.message }]);
};

const digests = (files: ReadonlyMap<string, Uint8Array>): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, sha256(content)]));
