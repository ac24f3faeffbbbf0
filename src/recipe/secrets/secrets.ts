/**
 * Secrets: a recipe only says where they are. Here they are read, kept apart from the recipe (and so from every key,
 * manifest and run folder), and taken out of any text that goes to a screen or a file.
 */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import { hostFile } from '../load/host-files.ts';
import type { Path, Problem } from '../problems/problem.ts';
import { passwordHash, type SecretReference } from '../schema/field-values.ts';
import type { Recipe } from '../schema.ts';
import { secretForms } from './secret-forms.ts';
import { urlSecrets } from './url-secrets.ts';

export interface SecretStore {
  /** The secret after a reference of this recipe. */
  get(reference: SecretReference): string;
  /** Every form in which a secret could show up, longest first. */
  values(): readonly string[];
  /** Which secret a value of `values()` is, and in which form: `env TOKEN, in base64`. */
  describe(value: string): string;
  /** The text with every secret replaced by `***`, and the private parts of the recipe's URLs as well. */
  redact(text: string): string;
}

interface Use {
  readonly path: Path;
  readonly reference: SecretReference;
  readonly kind: 'password hash' | 'value';
}

export const isReference = (value: unknown): value is SecretReference =>
  typeof value === 'object' &&
  value !== null &&
  (('env' in value && typeof value.env === 'string') || ('file' in value && typeof value.file === 'string'));

/** The places of a recipe that name a secret. */
export const secretUses = ({ answers, configure }: Recipe): Use[] => {
  const uses: Use[] = [];
  const add = (kind: Use['kind'], value: unknown, ...path: Path): void => {
    if (isReference(value)) uses.push({ kind, reference: value, path });
  };
  add('password hash', answers.root.password?.hash, 'answers', 'root', 'password', 'hash');
  for (const [index, user] of answers.users.entries())
    add('password hash', user.password?.hash, 'answers', 'users', index, 'password', 'hash');
  add('value', answers.disk.passphrase, 'answers', 'disk', 'passphrase');
  for (const [index, step] of configure.entries()) {
    if ('copy' in step) add('value', step.copy.content, 'configure', index, 'copy', 'content');
    if ('run' in step)
      for (const [name, value] of Object.entries(step.run.env))
        add('value', value, 'configure', index, 'run', 'env', name);
    if ('ansible' in step)
      for (const [name, value] of Object.entries(step.ansible.variables))
        add('value', value, 'configure', index, 'ansible', 'variables', name);
  }
  return uses;
};

export interface ResolvedSecrets {
  readonly secrets: SecretStore;
  readonly problems: readonly Problem[];
}

/** Reads every secret that the recipe names. What is missing or unfit is a problem; its value is never in a message. */
export const resolveSecrets = async (
  recipe: Recipe,
  {
    folder,
    env = process.env,
  }: { readonly folder: string; readonly env?: Readonly<Record<string, string | undefined>> | undefined },
): Promise<ResolvedSecrets> => {
  const found = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { path, reference, kind } of secretUses(recipe)) {
    const result = await readSecret(reference, folder, env);
    const wrong = 'problem' in result ? result.problem : unfit(result.value, kind);
    if (wrong !== undefined) problems.push({ path, message: wrong });
    else if ('value' in result) found.set(nameOf(reference), result.value);
  }
  return { secrets: storeOf(found, urlSecrets(recipe)), problems };
};

const nameOf = (reference: SecretReference): string =>
  'env' in reference ? `env ${reference.env}` : `file ${reference.file}`;

type Read = { readonly value: string } | { readonly problem: string };

export const readSecret = async (
  reference: SecretReference,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Read> => {
  if ('env' in reference) {
    const value = env[reference.env];
    return value === undefined ? { problem: `the environment variable ${reference.env} is not set` } : { value };
  }
  try {
    const value = await readFile(hostFile(folder, reference.file), 'utf8');
    return { value: value.replace(/\r?\n$/, '') };
  } catch (error) {
    return { problem: `the secret cannot be read: ${messageOf(error)}` };
  }
};

/** A shorter one could not be kept out of logs without making them unreadable. */
const SHORTEST = 4;

const unfit = (value: string, kind: Use['kind']): string | undefined => {
  if (value.startsWith('\ufeff') || /^\ufffd\ufffd/.test(value) || /^[^\0]\0[^\0]\0/.test(value))
    return 'the secret is not plain UTF-8: it begins with a byte order mark, or is UTF-16 as Windows PowerShell writes it';
  if (kind === 'password hash' && !passwordHash.safeParse(value).success)
    return 'the secret is not a crypt hash ($y$, $6$, $5$ or $2b$; `mkpasswd -m yescrypt` makes one)';
  if (value.trim().length < SHORTEST) return `the secret is empty or too short (at least ${SHORTEST} characters)`;
  return value.includes('\0') ? 'the secret has a NUL character' : undefined;
};

const storeOf = (found: ReadonlyMap<string, string>, ofUrls: readonly string[]): SecretStore => {
  const known = new Map<string, string>();
  for (const [name, secret] of found) {
    for (const { how, text } of secretForms(secret))
      if (!known.has(text)) known.set(text, how === '' ? name : `${name}, ${how}`);
  }
  const values = [...known.keys()].sort((one, other) => other.length - one.length);
  const taken = [...values, ...ofUrls].sort((one, other) => other.length - one.length);
  return {
    get(reference) {
      const value = found.get(nameOf(reference));
      if (value === undefined) throw new Error(`secret ${nameOf(reference)} was not resolved with this recipe`);
      return value;
    },
    values: () => values,
    describe: (value) => known.get(value) ?? 'a secret',
    redact: (text) => taken.reduce((rest, value) => rest.replaceAll(value, '***'), text),
  };
};

/** The store of a recipe that has hosts: the secrets of each host are taken out of texts as well. */
export const withSecretsOf = (own: SecretStore, others: readonly SecretStore[]): SecretStore => {
  const all = [...new Set([own, ...others].flatMap((store) => store.values()))];
  const values = all.sort((one, other) => other.length - one.length);
  return {
    get: own.get,
    values: () => values,
    describe: (value) =>
      [own, ...others].find((store) => store.values().includes(value))?.describe(value) ?? 'a secret',
    redact: (text) => others.reduce((rest, store) => store.redact(rest), own.redact(text)),
  };
};

/** Where the secrets of a recipe are, each once; files by absolute paths. Their values are not in it. */
export const secretReferences = (recipe: Recipe, folder: string): SecretReference[] => {
  const all = secretUses(recipe).map(({ reference }) =>
    'file' in reference ? { file: hostFile(folder, reference.file) } : reference,
  );
  return [...new Map(all.map((reference) => [nameOf(reference), reference])).values()];
};

/** Those of the secrets that are password hashes of accounts: they belong in the installed system's shadow file. */
export const passwordHashesOf = (recipe: Recipe, secrets: SecretStore): string[] =>
  secretUses(recipe)
    .filter(({ kind }) => kind === 'password hash')
    .map(({ reference }) => secrets.get(reference));
