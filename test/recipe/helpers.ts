/** A recipe in a folder of its own, and what loading it says. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { IngotError } from '../../src/errors.ts';
import type { VariableSources } from '../../src/recipe/load/variables.ts';
import { type LoadedRecipe, loadRecipe } from '../../src/recipe/load.ts';

export const HEAD = 'name: test\nos: {family: debian, release: "12"}\norigin: {assemble: debian}\n';
export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone';
export const HASH = `$6$saltsalt$${'a'.repeat(86)}`;

/** Writes recipe.yaml and further files into the test's folder; returns that folder. */
export const recipeFolder = async (
  t: Test,
  yaml: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const folder = t.testdir({});
  for (const [name, content] of Object.entries({ ...files, 'recipe.yaml': yaml })) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
};

export const load = async (
  t: Test,
  yaml: string,
  { files = {}, ...sources }: VariableSources & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<LoadedRecipe> =>
  loadRecipe(join(await recipeFolder(t, yaml, files), 'recipe.yaml'), { env: {}, ...sources });

/** The error of a recipe that must not load, with the folder's name taken out of its text. */
export const failure = async (
  t: Test,
  yaml: string,
  sources: Parameters<typeof load>[2] = {},
): Promise<{ code: string; text: string; error: IngotError }> => {
  try {
    await load(t, yaml, sources);
  } catch (error) {
    if (!(error instanceof IngotError)) throw error;
    const text = [error.message, error.where, error.detail, error.hint].filter((part) => part !== undefined).join('\n');
    return { code: error.code, text: text.replaceAll(`${t.testdirName}/`, ''), error };
  }
  throw new Error('the recipe was accepted');
};
