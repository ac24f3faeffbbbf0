/** What identifies the configure steps: what they say, the content of the files they name, and their secrets. */
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../canonical-json.ts';
import { sha256, sha256File } from '../../host/files.ts';
import { lookAt } from '../../host/look-at.ts';
import type { Json, SecretDigests } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { lockPathOf } from '../../recipe/lock-path.ts';
import type { ConfigureStep } from '../../recipe/schema/configure-schema.ts';
import type { SecretReference } from '../../recipe/schema/field-values.ts';

/** One entry a step. Names and limits are left out: they describe. */
export const stepKeys = (loaded: LoadedRecipe, context: SecretDigests): Promise<Json[]> =>
  Promise.all(loaded.recipe.configure.map((step) => stepKey(step, loaded, context)));

const stepKey = async (step: ConfigureStep, loaded: LoadedRecipe, context: SecretDigests): Promise<Json> => {
  const { name: _, checkpoint: __, ...what } = step;
  const source = sourceOf(step, loaded.folder);
  const usesVariables = 'copy' in step && step.copy.template;
  return {
    step: withSecrets(what, loaded, context),
    ...(source === undefined ? {} : { content: await contentDigest(step, source, loaded) }),
    ...(usesVariables ? { variables: { ...loaded.variables } } : {}),
  };
};

const contentDigest = (step: ConfigureStep, source: string, loaded: LoadedRecipe): Promise<string> =>
  'ansible' in step
    ? treeDigest(source, hostFile(loaded.folder, step.ansible.playbook), notOf(loaded))
    : treeDigest(source, source);

/** Whether a step takes a secret to the guest, where it may be in memory and on the disk from then on. */
export const usesSecret = (step: ConfigureStep, loaded: LoadedRecipe): boolean => {
  const walk = (value: unknown): boolean =>
    value !== null &&
    typeof value === 'object' &&
    ((isReference(value) && secretOf(value, loaded) !== undefined) || Object.values(value).some(walk));
  return walk(step);
};

/** The file or folder on the host whose content a step takes. A playbook may use all that lies beside it. */
export const sourceOf = (step: ConfigureStep, folder: string): string | undefined => {
  if ('copy' in step && step.copy.from !== undefined) return hostFile(folder, step.copy.from);
  if ('run' in step && step.run.file !== undefined) return hostFile(folder, step.run.file);
  if ('ansible' in step) return dirname(hostFile(folder, step.ansible.playbook));
  return undefined;
};

const isReference = (value: object): value is SecretReference =>
  Object.keys(value).length === 1 && ('env' in value || 'file' in value);

const withSecrets = (value: unknown, loaded: LoadedRecipe, context: SecretDigests): Json => {
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

/** Whether a playbook does not use a path below its folder, with the names in it. */
export type LeftOut = (path: string, names: readonly string[]) => boolean;

/** The recipe itself, which changes with its version, its lock, and what Ingot has delivered: all may lie beside a playbook. */
export const notOf =
  ({ path: recipe }: LoadedRecipe): LeftOut =>
  (path, names) =>
    path === recipe || path === lockPathOf(recipe) || (names.includes('manifest.json') && names.includes('SHA256SUMS'));

/**
 * SHA-256 over names, kinds, permission bits and contents of a file or folder; version control data is left out, and
 * what `isLeftOut` says, with the folders that have nothing else. A link counts as such, but what the step names (`named`) is followed.
 */
const treeDigest = async (path: string, named: string, isLeftOut?: LeftOut): Promise<string> =>
  (await digestOf(path, isLeftOut, (one) => one === path || one === named)) ?? sha256('nothing');

const digestOf = async (
  path: string,
  isLeftOut: LeftOut | undefined,
  isFollowed: (path: string) => boolean,
): Promise<string | undefined> => {
  const { kind, mode, names, target } = await lookAt(path, isFollowed(path) ? 'followed' : 'kept');
  if (isLeftOut?.(path, names)) return undefined;
  if (kind === 'link') return sha256(`link ${target}`);
  if (kind === 'file') return sha256(`file ${mode} ${await sha256File(path)}`);
  const all = await Promise.all(
    names.map(async (name) => [name, await digestOf(join(path, name), isLeftOut, isFollowed)] as const),
  );
  const parts = all.filter(([, digest]) => digest !== undefined);
  return parts.length === 0 && all.length > 0 ? undefined : sha256(canonicalJson(parts));
};
