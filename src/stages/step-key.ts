/** What identifies the configure steps: what they say, the content of the files they name, and their secrets. */
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { sha256, sha256File } from '../host/files.ts';
import type { Json, KeyContext } from '../pipeline/stage.ts';
import type { ConfigureStep } from '../recipe/configure-schema.ts';
import { hostFile } from '../recipe/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { SecretReference } from '../recipe/values.ts';

/** One entry a step. Names and limits are left out: they describe. */
export const stepKeys = (loaded: LoadedRecipe, context: KeyContext): Promise<Json[]> =>
  Promise.all(loaded.recipe.configure.map((step) => stepKey(step, loaded, context)));

const stepKey = async (step: ConfigureStep, loaded: LoadedRecipe, context: KeyContext): Promise<Json> => {
  const { name: _, checkpoint: __, ...what } = step;
  const source = sourceOf(step, loaded.folder);
  const usesVariables = 'copy' in step && step.copy.template;
  return {
    step: withSecrets(what, loaded, context),
    ...(source === undefined ? {} : { content: await treeDigest(source) }),
    ...(usesVariables ? { variables: { ...loaded.variables } } : {}),
  };
};

/** Whether a step takes a secret to the guest, where it may be in memory and on the disk from then on. */
export const usesSecret = (step: ConfigureStep, loaded: LoadedRecipe): boolean => {
  const walk = (value: unknown): boolean =>
    value !== null &&
    typeof value === 'object' &&
    ((isReference(value) && secretOf(value, loaded) !== undefined) || Object.values(value).some(walk));
  return walk(step);
};

/** The file or folder on the host whose content a step takes. A playbook may use all that lies beside it. */
const sourceOf = (step: ConfigureStep, folder: string): string | undefined => {
  if ('copy' in step && step.copy.from !== undefined) return hostFile(folder, step.copy.from);
  if ('run' in step && step.run.file !== undefined) return hostFile(folder, step.run.file);
  if ('ansible' in step) return dirname(hostFile(folder, step.ansible.playbook));
  return undefined;
};

const isReference = (value: object): value is SecretReference =>
  Object.keys(value).length === 1 && ('env' in value || 'file' in value);

const withSecrets = (value: unknown, loaded: LoadedRecipe, context: KeyContext): Json => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((part) => withSecrets(part, loaded, context));
  if (value === null || typeof value !== 'object') return null;
  const reference = isReference(value) ? secretOf(value, loaded) : undefined;
  if (reference !== undefined) return { secret: context.secretDigest(reference) };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, part]) => name !== 'timeout' && part !== undefined)
      .map(([name, part]) => [name, withSecrets(part, loaded, context)]),
  );
};

/** A `{file: …}` or `{env: …}` that is no secret of this recipe is plain data (a script file, a variable named env). */
const secretOf = (reference: SecretReference, { secrets }: LoadedRecipe): string | undefined => {
  try {
    return secrets.get(reference);
  } catch {
    return undefined;
  }
};

/** SHA-256 over names, kinds, permission bits and contents of a file or folder; version control data is left out. */
const treeDigest = async (path: string): Promise<string> => {
  const info = await lstat(path);
  if (info.isSymbolicLink()) return sha256(`link ${await readlink(path)}`);
  if (!info.isDirectory()) return sha256(`file ${info.mode & 0o777} ${await sha256File(path)}`);
  const names = (await readdir(path)).filter((name) => name !== '.git').sort();
  const parts = await Promise.all(names.map(async (name) => [name, await treeDigest(join(path, name))]));
  return sha256(canonicalJson(parts));
};
