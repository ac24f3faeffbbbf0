/** A policy from its file, with those that it includes laid under it; all that is wrong is told with its place. */
import { dirname, resolve } from 'node:path';
import type { IngotError } from '../errors.ts';
import { sha256 } from '../host/files.ts';
import { readDocument } from '../recipe/load/load-one.ts';
import { parseRecipeText, plainOf, type RecipeDocument, sourceAt } from '../recipe/load/recipe-document.ts';
import { explain, knownKeys } from '../recipe/problems/explain-issue.ts';
import type { Path, Problem } from '../recipe/problems/problem.ts';
import { documentError } from '../recipe/problems/recipe-error.ts';
import { suggest } from '../suggest.ts';
import { type Policy, type PolicyText, policySchema } from './policy-schema.ts';
import { isReady, READY, readyPath } from './ready.ts';
import { unknownWaivers } from './waivable-rules.ts';

export interface ReadPolicy {
  /** As it was named. */
  readonly name: string;
  readonly policy: Policy;
  /** Of all files that it was read from. */
  readonly digest: string;
  /** Those of these files that did not come with Ingot, by absolute paths. */
  readonly files: readonly string[];
}

/** `name`: a ready policy, or a path. Throws `usage.policy-unreadable`, `usage.policy-invalid`. */
export const readPolicy = async (name: string): Promise<ReadPolicy> => {
  const known: Known = new Map();
  const policy = await read(isReady(name) ? readyPath(name) : name, [], known);
  const ready = new Set<string>(Object.keys(READY).filter(isReady).map(readyPath));
  return {
    name,
    policy,
    digest: sha256([...known.values()].map(({ text }) => text).join('\0')),
    files: [...known.keys()].filter((path) => !ready.has(path)),
  };
};

/** What was read, by absolute paths: a file that several include is read once. */
type Known = Map<string, { readonly text: string; policy?: Policy }>;

/** One file after the other: of two that include each other, the second is met while the first is still open. */
const read = async (path: string, above: readonly string[], known: Known): Promise<Policy> => {
  const here = resolve(path);
  const before = known.get(here)?.policy;
  if (before !== undefined) return before;
  const text = await readDocument(path, UNREADABLE);
  const entry: { readonly text: string; policy?: Policy } = { text };
  known.set(here, entry);
  const { document, problems } = parseRecipeText(path, text);
  if (problems.length > 0) throw invalid(document, problems);
  const { include = [], description: _, ...own } = withPaths(parse(document), dirname(here));
  const below: Policy[] = [];
  for (const [nth, name] of include.entries()) {
    const next = isReady(name) ? readyPath(name) : resolve(dirname(here), name);
    const fault = includeFault(name, next, [...above, here]);
    if (fault) throw invalid(document, [{ path: ['include', nth], ...fault }]);
    below.push(await read(next, [...above, here], known));
  }
  const {
    include: __,
    description: ___,
    ...policy
  } = policySchema.parse(below.reduceRight<unknown>((over, policy) => laidOver(policy, over), own));
  entry.policy = policy;
  return policy;
};

/** Keys are named relative to the file that names them, which an including one does not lie beside. */
const withPaths = ({ signatures, ...rest }: PolicyText, folder: string): PolicyText => {
  if (signatures?.keys === undefined) return signatures === undefined ? rest : { ...rest, signatures };
  const keys = signatures.keys.map((key) => ({ ...key, file: resolve(folder, key.file) }));
  return { ...rest, signatures: { ...signatures, keys } };
};

const UNREADABLE = {
  code: 'usage.policy-unreadable',
  missing: 'there is no such policy',
  hint: `\`ingot policy init\` writes one to start from; ready ones are ${Object.keys(READY).join(', ')}.`,
} as const;

const includeFault = (
  name: string,
  path: string,
  above: readonly string[],
): Pick<Problem, 'message' | 'hint'> | undefined => {
  if (above.includes(path)) return { message: `includes itself: ${name}`, hint: 'Leave it out.' };
  if (/[/.]/.test(name)) return undefined;
  const meant = suggest(name, Object.keys(READY));
  return isReady(name)
    ? undefined
    : {
        message: `no ready policy has the name ${name}`,
        hint: meant ? `Did you mean \`${meant}\`?` : 'A path has a slash or a dot: ./my.yaml',
      };
};

const parse = (document: RecipeDocument): PolicyText => {
  const plain = plainOf(document, document.yaml.contents ?? undefined);
  if ('message' in plain) throw invalid(document, [{ path: [], message: plain.message }]);
  const input = plain.value ?? {};
  const parsed = policySchema.safeParse(input, { error: knownKeys });
  if (parsed.success) {
    const unknown = unknownWaivers(parsed.data.waivers ?? []);
    if (unknown.length > 0) throw invalid(document, unknown);
    return parsed.data;
  }
  throw invalid(
    document,
    explain(parsed.error.issues, input, (path: Path) => sourceAt(document, path), policySchema),
  );
};

const invalid = (document: RecipeDocument, problems: readonly Problem[]): IngotError =>
  documentError(document, problems, { code: 'usage.policy-invalid', message: 'the policy is not valid' });

/** Mappings are laid over each other, lists are joined, each entry once, and any other value of the upper one counts. */
const laidOver = (below: unknown, over: unknown): unknown => {
  if (over === undefined) return below;
  if (Array.isArray(below) && Array.isArray(over)) return once([...below, ...over]);
  if (!isMapping(below) || !isMapping(over)) return over;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, laidOver(below[key], over[key])]));
};

const once = (entries: readonly unknown[]): unknown[] => [
  ...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values(),
];

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
