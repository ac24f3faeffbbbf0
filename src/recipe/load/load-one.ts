/** One recipe with its hosts: YAML, variables, schema, rules across fields, files and secrets; all errors at once. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { IngotError, messageOf } from '../../errors.ts';
import { systemHint } from '../../system-error.ts';
import { checkDocument } from '../checks/check-document.ts';
import { recipeError } from '../problems/recipe-error.ts';
import { textFault } from '../scripts/text-fault.ts';
import { withSecretsOf } from '../secrets/secrets.ts';
import { loadHosts } from './load-hosts.ts';
import { withParent } from './load-parent.ts';
import type { LoadedRecipe } from './loaded.ts';
import { parseRecipeText } from './recipe-document.ts';
import type { VariableSources } from './variables.ts';

/**
 * Reads and checks a recipe; nothing is started. Throws `recipe.unreadable`, `recipe.invalid` (with every problem and
 * its position) or `recipe.unsupported`.
 */
export const loadOne = async (
  path: string,
  sources: VariableSources,
  above: readonly string[] = [],
): Promise<LoadedRecipe> => {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  const text = await readText(path);
  const { document, problems: syntax } = parseRecipeText(path, text);
  if (syntax.length > 0) throw recipeError(document, syntax);
  const checked = await checkDocument(document, { folder, sources });
  if ('problems' in checked) throw recipeError(document, checked.problems);
  const base = await withParent({ ...checked, path: absolute, folder, text, hosts: [] }, sources, above, loadOne);
  if (Object.keys(base.recipe.hosts).length === 0) return base;
  const { hosts, problems } = await loadHosts(base, path, sources);
  if (problems.length > 0) throw recipeError(document, problems);
  return {
    ...base,
    hosts,
    secrets: withSecretsOf(
      base.secrets,
      hosts.map(({ loaded }) => loaded.secrets),
    ),
  };
};

export const readText = (path: string): Promise<string> =>
  readDocument(path, {
    code: 'recipe.unreadable',
    missing: 'there is no such recipe',
    hint: '`ingot init` writes one to start from.',
  });

interface Unreadable {
  readonly code: string;
  /** What is told of a file that is not there, and what to do. */
  readonly missing: string;
  readonly hint: string;
}

/** A text in UTF-8. Throws `code` for what is none, or not there. */
export const readDocument = async (path: string, { code, missing, hint }: Unreadable): Promise<string> => {
  try {
    const content = await readFile(path);
    const fault = textFault(content, path, { isScript: false });
    if (fault?.message.includes('UTF-16')) throw new IngotError(code, fault.message, { where: path, hint: fault.hint });
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof IngotError) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new IngotError(code, isMissing ? missing : `cannot be read: ${messageOf(error)}`, {
      where: path,
      hint: isMissing ? hint : systemHint(error, 'It has to be a text in UTF-8.'),
      cause: error,
    });
  }
};
