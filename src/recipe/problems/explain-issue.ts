/**
 * From zod's issues to problems a person can act on. A union reports all its branches at once; here the branch that
 * was meant is picked by the keys that only it has (`iso` or `assemble`, `copy` or `run`), and only its issues remain.
 */
import type { z } from 'zod';
import { suggest } from '../../suggest.ts';
import { hintAt, missingHint } from './hints/hints.ts';
import { keysAt } from './key-places.ts';
import type { Path, Problem } from './problem.ts';
import { unknownKeys } from './unknown-key.ts';

type Issue = z.core.$ZodIssue;

/** Makes an unknown-key issue carry the keys that are known there; `explain` reads them back. */
export const knownKeys: z.core.$ZodErrorMap = (issue) => {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const { inst } = issue;
  const shape: unknown = inst && 'shape' in inst ? inst.shape : undefined;
  return typeof shape === 'object' && shape !== null ? Object.keys(shape).join(', ') : undefined;
};

/**
 * `input` is what was parsed, `source` gives a scalar as it was written (12.10 instead of 12.1), `schema` is what the input was
 * held against.
 */
export const explain = (
  issues: readonly Issue[],
  input: unknown,
  source: (path: Path) => string | undefined,
  schema?: z.ZodType,
): Problem[] => {
  const context = { input, source, schema };
  return issues.flatMap((issue) => explainIssue(issue, pathOf(issue), context));
};

interface Context {
  readonly input: unknown;
  readonly source: (path: Path) => string | undefined;
  readonly schema: z.ZodType | undefined;
}

const pathOf = (issue: Issue): Path => issue.path.map((part) => (typeof part === 'number' ? part : String(part)));

const explainIssue = (issue: Issue, path: Path, context: Context): Problem[] => {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, issue.message, context.schema);
  if (issue.code === 'invalid_union') return explainUnion(issue.errors, path, context);
  if (issue.code === 'invalid_key') return [{ path, at: 'key', message: `expected ${messages(issue.issues)}` }];
  return [
    { path, ...(valueAt(context.input, path) === undefined ? { at: 'key' } : {}), ...describe(issue, path, context) },
  ];
};

const describe = (issue: Issue, path: Path, context: Context): Pick<Problem, 'message' | 'hint' | 'secret'> => {
  const value = valueAt(context.input, path);
  if (value === undefined) return { message: `missing, expected ${expected(issue)}`, hint: missingHint(path) };
  if (path.includes('password') || hasLogin(value))
    return { message: `expected ${expected(issue)}`, hint: hintAt(path, value), secret: true };
  const found = foundText(value, context.source(path));
  const wholly = issue.code === 'custom' && isRecord(value);
  // Not even the beginning of a private key is shown.
  if (isPrivateKey(value)) return { message: `expected ${expected(issue)}`, hint: hintAt(path, value), secret: true };
  const message = `expected ${expected(issue)}${wholly || Array.isArray(value) ? '' : `, found ${found}`}`;
  return {
    message,
    hint: hintAt(path, value) ?? hintFor(issue, value, found) ?? formHint(issue, path, value, context),
  };
};

/** A URL with a login is refused, and not shown to everybody who reads the log. */
const hasLogin = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(value);

const isPrivateKey = (value: unknown): boolean =>
  typeof value === 'string' && /PRIVATE KEY-----|^\s*PuTTY-User-Key-File/.test(value);

const hintFor = (issue: Issue, value: unknown, found: string): string | undefined => {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const meant = suggest(value, issue.values.map(String));
    return meant === undefined ? undefined : `Did you mean \`${meant}\`?`;
  }
  const isUnquoted = issue.code === 'invalid_type' && issue.expected === 'string' && typeof value === 'number';
  return isUnquoted && !expected(issue).includes('such as') ? `Quote it: "${found}".` : undefined;
};

/** A word in the place of a list or of a mapping, a list in the place of one of them. */
const formHint = (issue: Issue, path: Path, value: unknown, { schema }: Context): string | undefined => {
  if (Array.isArray(value) && isOneWord(issue)) return 'One value, not a list.';
  if (issue.code !== 'invalid_type' || value === null) return undefined;
  if (Array.isArray(value) && issue.expected === 'record') return 'A mapping by names, without dashes: `NAME: {…}`.';
  if (isRecord(value) && !Array.isArray(value)) return undefined;
  if (issue.expected === 'array') return `A list, also of one entry: [${wordsOf(value).join(', ')}].`;
  const keys = issue.expected === 'object' && schema !== undefined ? keysAt(schema, path) : [];
  return keys.length === 0 ? undefined : `Its keys: ${keys.join(', ')}.`;
};

const isOneWord = (issue: Issue): boolean =>
  issue.code === 'invalid_value' || (issue.code === 'invalid_type' && issue.expected === 'string');

/** Lists here are of words; a shell's list has blanks between them. */
const wordsOf = (value: unknown): readonly string[] =>
  String(value)
    .split(/[\s,]+/)
    .filter((word) => word !== '');

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
};

/** What would have been right. A message set in the schema says that; zod's own ones are put in our words. */
const expected = (issue: Issue): string => {
  const own = !/^(Invalid|Too|Unrecognized)\b/.test(issue.message);
  if (own) return issue.message;
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String));
  if (issue.code === 'too_small') return bound(issue.origin, 'at least', issue.minimum);
  if (issue.code === 'too_big') return bound(issue.origin, 'at most', issue.maximum);
  return issue.message;
};

const bound = (origin: string, least: string, number: number | bigint): string =>
  ({ string: `a text of ${least} ${number} characters`, array: `a list of ${least} ${number} entries` })[origin] ??
  `a number, ${least} ${number}`;
const oneOf = (words: readonly string[]): string =>
  words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
const messages = (issues: readonly Issue[]): string => [...new Set(issues.map(expected))].join(', or ');

const foundText = (value: unknown, source: string | undefined): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  return source ?? String(value);
};

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => (isRecord(value) ? value[part] : undefined), input);
const isRecord = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null;

/** A union's branches, nested unions taken apart. */
const leaves = (branches: readonly (readonly Issue[])[]): (readonly Issue[])[] =>
  branches.flatMap((branch) => {
    const [only] = branch;
    return branch.length === 1 && only?.code === 'invalid_union' && only.path.length === 0
      ? leaves(only.errors)
      : [branch];
  });

const explainUnion = (errors: readonly (readonly Issue[])[], path: Path, context: Context): Problem[] => {
  const value = valueAt(context.input, path);
  const branches = leaves(errors);
  const fitting = branches.filter((branch) => !branch.some((issue) => isWrongKind(issue, isRecord(value))));
  const keyed = isRecord(value) && !Array.isArray(value);
  const chosen = keyed ? pickByKeys(fitting, Object.keys(value)) : fitting.length === 1 ? fitting[0] : undefined;
  if (chosen) return chosen.flatMap((issue) => explainIssue(issue, [...path, ...pathOf(issue)], context));
  if (keyed && fitting.length > 0) return [undecided(fitting, Object.keys(value), path)];
  const at = value === undefined ? { at: 'key' as const } : {};
  const found = value === undefined ? 'missing, ' : '';
  const tail =
    value === undefined || path.includes('password') ? '' : `, found ${foundText(value, context.source(path))}`;
  const isForm = value !== undefined && !isRecord(value) && fitting.length === 0;
  const keys = isForm && context.schema !== undefined ? keysAt(context.schema, path) : [];
  const hint = hintAt(path, value) ?? (keys.length === 0 ? undefined : `Its keys: ${keys.join(', ')}.`);
  return [
    {
      path,
      ...at,
      message: `${found}expected ${alternatives(fitting.length > 0 ? fitting : branches)}${tail}`,
      ...(hint === undefined ? {} : { hint }),
    },
  ];
};

/** A word of a list of words is not a mapping either. */
const isWrongKind = (issue: Issue, isMapping: boolean): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || (isMapping && issue.code === 'invalid_value'));

const unknownIn = (branch: readonly Issue[]): readonly string[] =>
  branch.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []));

/** Keys that this branch knows and another one does not. */
const ownKeys = (branch: readonly Issue[], all: readonly (readonly Issue[])[], keys: readonly string[]): string[] =>
  keys.filter((key) => !unknownIn(branch).includes(key) && all.some((other) => unknownIn(other).includes(key)));

const pickByKeys = (branches: readonly (readonly Issue[])[], keys: readonly string[]): readonly Issue[] | undefined => {
  if (branches.length === 1) return branches[0];
  const touched = branches.filter((branch) => ownKeys(branch, branches, keys).length > 0);
  if (touched.length === 1) return touched[0];
  const clean = touched.filter((branch) => unknownIn(branch).length === 0);
  return clean.length === 1 ? clean[0] : undefined;
};

/** No branch's key is there, or keys of several branches are. */
const undecided = (branches: readonly (readonly Issue[])[], keys: readonly string[], path: Path): Problem => {
  const mixed = branches.flatMap((branch) => ownKeys(branch, branches, keys));
  if (mixed.length > 1) return { path, message: `${oneOf(mixed).replace(' or ', ' and ')} exclude each other` };
  const wanted = branches.flatMap((branch) => requiredKeys(branch));
  const strange = keys.find((key) => branches.every((branch) => unknownIn(branch).includes(key)));
  const meant = strange === undefined ? undefined : suggest(strange, wanted);
  return {
    path: strange === undefined ? path : [...path, strange],
    at: 'key',
    message: `${strange === undefined ? '' : 'unknown key, '}expected ${oneOf(wanted.map((key) => `\`${key}\``))}`,
    ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }),
  };
};

const requiredKeys = (branch: readonly Issue[]): string[] =>
  branch.flatMap((issue) =>
    issue.code !== 'unrecognized_keys' && issue.path.length === 1 ? [String(issue.path[0])] : [],
  );

/** "text, or a mapping with `env`" */
const alternatives = (branches: readonly (readonly Issue[])[]): string =>
  [...new Set(branches.map((branch) => messages(branch.slice(0, 1))))].join(', or ');
