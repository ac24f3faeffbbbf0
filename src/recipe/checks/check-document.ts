/** What a recipe's document says: variables, schema, rules across fields, files and secrets; all that is wrong at once. */
import { canonicalJson } from '../../canonical-json.ts';
import { sha256 } from '../../host/files.ts';
import { readHostFiles } from '../load/host-files.ts';
import type { LoadedRecipe } from '../load/loaded.ts';
import { plainOf, type RecipeDocument, sourceAt } from '../load/recipe-document.ts';
import { salvage } from '../load/salvage.ts';
import { type Stated, statedIn } from '../load/stated.ts';
import { substituteVariables, type VariableSources } from '../load/variables.ts';
import { explain, knownKeys } from '../problems/explain-issue.ts';
import { isWithin, type Path, type Problem } from '../problems/problem.ts';
import { recipeError } from '../problems/recipe-error.ts';
import { type Recipe, recipeSchema } from '../schema.ts';
import { checkScripts } from '../scripts/check-scripts.ts';
import { resolveSecrets } from '../secrets/secrets.ts';
import { crossCheck } from './cross-check.ts';

type Checked = Pick<LoadedRecipe, 'recipe' | 'digest' | 'stated' | 'variables' | 'secrets' | 'files'>;

/** What a document says, or all that is wrong with it, with places in it. Its variables are filled in, in place. */
export const checkDocument = async (
  document: RecipeDocument,
  { folder, sources }: { readonly folder: string; readonly sources: VariableSources },
): Promise<Checked | { readonly problems: readonly Problem[] }> => {
  const { recipe, variables, problems: wrongFields, input, unfilled } = parseRecipe(document, sources);
  const { env } = sources;
  const stated = statedIn(input);
  if (recipe === undefined) {
    const rest = wrongFields.length > MOST_WRONG ? undefined : salvage(input, unfilled);
    const others =
      rest === undefined ? [] : (await lookAround(rest.recipe, { folder, env, stated }, rest.dropped)).problems;
    return { problems: [...wrongFields, ...others.map((problem) => rest?.placed(problem) ?? problem)] };
  }
  const { problems, secrets, files } = await lookAround(recipe, { folder, env, stated });
  if (problems.length > 0) return { problems };
  const digest = sha256(canonicalJson({ recipe, variables, files: digests(files) }));
  return { recipe, digest, stated, variables, secrets, files };
};

/** With more of them nothing is left that other rules could check. */
const MOST_WRONG = 300;

interface Around {
  readonly folder: string;
  readonly env: VariableSources['env'];
  readonly stated: Stated;
}

/** What the fields mean together and for this host; `doubtful` fields hold something other than the file says. */
const lookAround = async (recipe: Recipe, { folder, env, stated }: Around, doubtful: readonly Path[] = []) => {
  const files = await readHostFiles(recipe, folder);
  const { secrets, problems } = await resolveSecrets(recipe, { folder, env });
  return {
    problems: [
      ...crossCheck(recipe, stated, doubtful),
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
  const issues = parsed.success
    ? []
    : explain(parsed.error.issues, input, (path) => sourceAt(document, path), recipeSchema);
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
