/**
 * `${var:name}` in the values of a recipe. Variables are declared in its `variables` block, with or without a default,
 * and set by `--var name=value` or the environment (`INGOT_VAR_name`), in this order. Only this form is replaced, so a
 * shell's `${HOME}` stays; `$${var:name}` writes it literally.
 */
import { isMap, isScalar, type Scalar, visit } from 'yaml';
import { suggest } from '../../suggest.ts';
import { explain, knownKeys } from '../problems/explain-issue.ts';
import type { Path, Problem } from '../problems/problem.ts';
import { type Declaration, type Variables, type VariableValue, variablesSchema } from '../schema/variables-schema.ts';
import { nodeAt, plainOf, type RecipeDocument } from './recipe-document.ts';

export interface VariableSources {
  /** From the command line. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The command line is for other recipes as well: here, a variable that this one does not declare is no error. */
  readonly isShared?: boolean;
}

export interface Substituted {
  readonly values: Variables;
  readonly problems: readonly Problem[];
  /** Places whose value could not be filled in: other errors there are only a consequence. */
  readonly unfilled: readonly Path[];
}

/** Fills in the variables of the document (in place) and says what is unknown, not set, or of the wrong type. */
export const substituteVariables = (document: RecipeDocument, sources: VariableSources): Substituted => {
  const node = nodeAt(document, ['variables']);
  const plain = plainOf(document, node);
  if ('message' in plain)
    return { values: {}, problems: [{ path: ['variables'], message: plain.message }], unfilled: [[]] };
  const declared = variablesSchema.safeParse(plain.value, { error: knownKeys });
  if (!declared.success) {
    const input = { variables: plain.value };
    const issues = declared.error.issues.map((issue) => ({ ...issue, path: ['variables', ...issue.path] }));
    return { values: {}, problems: explain(issues, input, () => undefined), unfilled: [[]] };
  }
  const problems = unknownOnCommandLine(Object.keys(declared.data), sources);
  const values: Record<string, VariableValue> = {};
  for (const [name, declaration] of Object.entries(declared.data)) {
    const result = resolveVariable(name, declaration, sources);
    if (typeof result === 'object') problems.push(result);
    else values[name] = result;
  }
  const { problems: unknown, unfilled } = fillIn(document, values, Object.keys(declared.data));
  return { values, problems: [...problems, ...unknown], unfilled };
};

const unknownOnCommandLine = (known: readonly string[], { variables = {}, isShared }: VariableSources): Problem[] =>
  (isShared ? [] : Object.keys(variables))
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ['variables'],
      at: 'key',
      message: `--var ${name}: no such variable`,
      hint: meant(name, known),
    }));

const meant = (name: string, known: readonly string[]): string => {
  const near = suggest(name, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  return known.length === 0 ? 'The recipe has no `variables` block.' : `The recipe has: ${known.join(', ')}.`;
};

const resolveVariable = (
  name: string,
  declaration: Declaration,
  { variables, env }: VariableSources,
): VariableValue | Problem => {
  const { description, default: fallback } = typeof declaration === 'object' ? declaration : { default: declaration };
  const given = variables?.[name] ?? env?.[`INGOT_VAR_${name}`];
  if (given !== undefined) return convert(name, given, fallback);
  if (fallback !== undefined) return fallback;
  return {
    path: ['variables', name],
    at: 'key',
    message: `not set${description === undefined ? '' : ` (${description})`}`,
    hint: `Set it with --var ${name}=… or INGOT_VAR_${name}.`,
  };
};

/** What came as text gets the type of the default. */
const convert = (name: string, given: string, fallback: VariableValue | undefined): VariableValue | Problem => {
  if (typeof fallback === 'number') {
    const number = Number(given);
    if (given.trim() !== '' && Number.isFinite(number)) return number;
    return { path: ['variables', name], message: `expected a number, was set to ${JSON.stringify(given)}` };
  }
  if (typeof fallback === 'boolean') {
    if (given === 'true' || given === 'false') return given === 'true';
    return { path: ['variables', name], message: `expected true or false, was set to ${JSON.stringify(given)}` };
  }
  return given;
};

const REFERENCE = /(\$?)\$\{var:([^}]*)\}/g;

const fillIn = (document: RecipeDocument, values: Variables, declared: readonly string[]) => {
  const problems: Problem[] = [];
  const unfilled: Path[] = [];
  visit(document.yaml, {
    // The hosts' own parts are filled in with their values, in separate documents.
    Pair: (_, pair) =>
      isScalar(pair.key) && ['variables', 'hosts'].includes(String(pair.key.value)) && isTop(document, pair)
        ? visit.SKIP
        : undefined,
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string') return;
      const path = pathOf(ancestors, key);
      const missing = fill(node, node.value, values);
      if (missing.length === 0) return;
      unfilled.push(path);
      for (const name of missing.filter((name) => !declared.includes(name)))
        problems.push({ path, message: `no variable \`${name}\``, hint: meant(name, declared) });
    },
  });
  return { problems, unfilled };
};

const isTop = (document: RecipeDocument, pair: unknown): boolean =>
  isMap(document.yaml.contents) && document.yaml.contents.items.some((item) => item === pair);

/** Replaces the references of one scalar; a scalar that is nothing but one reference takes the variable's type. */
const fill = (node: Scalar, written: string, values: Variables): string[] => {
  const names = [...written.matchAll(REFERENCE)].flatMap(([, escaped, name = '']) => (escaped ? [] : [name]));
  const missing = names.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) return missing;
  const [only] = names;
  if (only !== undefined && written === `\${var:${only}}`) node.value = values[only];
  else
    node.value = written.replaceAll(REFERENCE, (all, escaped: string, name: string) =>
      escaped ? all.slice(1) : String(values[name]),
    );
  return [];
};

/** The path from the chain of nodes that `visit` gives. */
const pathOf = (ancestors: readonly unknown[], key: number | 'key' | 'value' | null): Path => {
  const path: (string | number)[] = [];
  ancestors.forEach((ancestor, index) => {
    const next = ancestors[index + 1];
    if (typeof ancestor === 'object' && ancestor !== null && 'key' in ancestor && isScalar(ancestor.key))
      path.push(String(ancestor.key.value));
    else if (
      typeof ancestor === 'object' &&
      ancestor !== null &&
      'items' in ancestor &&
      !isMap(ancestor) &&
      Array.isArray(ancestor.items)
    )
      path.push(next === undefined && typeof key === 'number' ? key : ancestor.items.indexOf(next));
  });
  return path;
};
