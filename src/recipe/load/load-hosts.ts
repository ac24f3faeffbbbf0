/**
 * The hosts of a recipe: each is the recipe with the host's changes laid over it, read and checked as a whole recipe of
 * its own. What is wrong with one is told with its name, at the place where it was written.
 */
import { canonicalJson } from '../../canonical-json.ts';
import { checkDocument } from '../checks/check-document.ts';
import type { Path, Problem } from '../problems/problem.ts';
import type { Recipe } from '../schema.ts';
import type { LoadedHost, LoadedRecipe } from './loaded.ts';
import { withOverlay } from './overlay.ts';
import { nodeAt, offsetOf, parseRecipeText, type RecipeDocument, sourceAt } from './recipe-document.ts';
import type { VariableSources } from './variables.ts';

interface LoadedHosts {
  readonly hosts: readonly LoadedHost[];
  readonly problems: readonly Problem[];
}

/** `base` is the recipe itself, which has been found right; `name` is how the file is called in errors. */
export const loadHosts = async (base: LoadedRecipe, name: string, sources: VariableSources): Promise<LoadedHosts> => {
  // The document as it was written: in the recipe's own one the variables are filled in.
  const { document } = parseRecipeText(name, base.text);
  const hosts: LoadedHost[] = [];
  const problems: Problem[] = [];
  for (const [host, { match, variables }] of Object.entries(base.recipe.hosts)) {
    const own = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
    const changed = withOverlay(document, 'answers', nodeAt(document, ['hosts', host, 'answers']));
    const hostSources = { ...sources, variables: { ...sources.variables, ...own } };
    const checked = await checkDocument(changed, { folder: base.folder, sources: hostSources });
    if ('problems' in checked) problems.push(...checked.problems.map((problem) => ofHost(host, changed, own, problem)));
    else {
      problems.push(...otherChanges(host, base.recipe, checked.recipe));
      hosts.push({ name: host, match, loaded: { ...base, ...checked, hosts: [] } });
    }
  }
  return { hosts, problems };
};

/** The problem as one of the recipe's document: where its value was written, below the host's name. */
const ofHost = (
  host: string,
  document: RecipeDocument,
  variables: Readonly<Record<string, string>>,
  problem: Problem,
): Problem => {
  const offset = problem.offset ?? offsetOf(document, problem.path, problem.at ?? 'value');
  const [, variable = ''] = /\$\{var:([^}]+)\}/.exec(sourceAt(document, problem.path) ?? '') ?? [];
  const hint = Object.hasOwn(variables, variable)
    ? `The variable \`${variable}\` is set in \`hosts.${host}.variables\`.`
    : undefined;
  return { ...problem, path: ['hosts', host, ...problem.path], offset, hint: problem.hint ?? hint };
};

/** A medium is made of the same things for all its hosts. */
const ONE_FOR_ALL = ['os', 'origin', 'media'] as const;

const otherChanges = (host: string, base: Recipe, own: Recipe): Problem[] =>
  ONE_FOR_ALL.filter((field) => canonicalJson(base[field]) !== canonicalJson(own[field])).map((field) => {
    const path: Path = ['hosts', host, 'variables'];
    return {
      path,
      message: `\`${field}\` cannot differ for this host: all hosts share one medium`,
      hint: 'A variable of a host is for `answers`; for media that differ there are `variants`.',
    };
  });
