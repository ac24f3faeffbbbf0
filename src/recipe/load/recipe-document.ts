/** The recipe as YAML text with positions: what was written where, so that an error can point at it. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { messageOf } from '../../errors.ts';
import type { Path, Problem } from '../problems/problem.ts';

/** How often the aliases of a document may be followed in all. */
const MOST_ALIASES = 100;

export interface RecipeDocument {
  /** The name that is shown in errors: the path as the user gave it. */
  readonly name: string;
  readonly text: string;
  readonly yaml: Document;
  readonly lines: LineCounter;
}

/** Parses YAML 1.2 (core schema). Syntax errors come back as problems with offsets; then the document may be partial. */
export const parseRecipeText = (name: string, text: string): { document: RecipeDocument; problems: Problem[] } => {
  const lines = new LineCounter();
  // Duplicate keys are looked for here: the library compares each key with each other one.
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: false });
  const problems: Problem[] = [...yaml.errors, ...yaml.warnings].map((error) => ({
    path: [],
    offset: error.pos[0],
    message:
      error.code === 'MULTIPLE_DOCS'
        ? sentence('a second document begins (`---`), and a file is one')
        : sentence(error.message),
    hint: text.slice(error.pos[0] - 1, error.pos[0] + 5).includes('${')
      ? 'Inside [ ] and { } a value with a variable reference has to be quoted.'
      : undefined,
  }));
  return {
    document: { name, text, yaml, lines },
    problems: problems.length > 0 ? problems : [...repeatedKeys(yaml), ...endlessAliases(yaml)],
  };
};

const repeatedKeys = (yaml: Document): Problem[] => {
  const problems: Problem[] = [];
  visit(yaml, {
    Map(_, map) {
      const known = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        const offset = asNode(key)?.range?.[0];
        if (known.has(text)) problems.push({ path: [], offset, message: 'not valid YAML: Map keys must be unique' });
        known.add(text);
      }
    },
  });
  return problems;
};

/** An alias inside the value that it stands for: such a value has no end. */
const endlessAliases = (yaml: Document): Problem[] => {
  const problems: Problem[] = [];
  visit(yaml, {
    Alias(_, alias, above) {
      if (!above.some((node) => (isMap(node) || isSeq(node)) && node.anchor === alias.source)) return;
      const message = `not valid YAML: the alias *${alias.source} is inside the value that it stands for`;
      problems.push({ path: [], offset: alias.range?.[0], message });
    },
  });
  return problems;
};

const sentence = (message: string): string => `not valid YAML: ${message.replace(/\.$/, '')}`;

interface Found {
  readonly node: Node | undefined;
  /** The key under which the node, or the last node on the way to it, was found. */
  readonly key: Node | undefined;
  readonly complete: boolean;
}

/** The node at a path, aliases followed; the nearest one above it when the path is not there. */
const find = (document: RecipeDocument, path: Path): Found => {
  let node = resolve(document, document.yaml.contents);
  let key: Node | undefined;
  for (const segment of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => keyText(item.key) === String(segment));
      if (!pair) return { node, key, complete: false };
      key = asNode(pair.key);
      node = resolve(document, pair.value);
    } else if (isSeq(node) && typeof segment === 'number' && segment < node.items.length) {
      node = resolve(document, node.items[segment]);
      key = node;
    } else return { node, key, complete: false };
  }
  return { node, key, complete: true };
};

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));
const asNode = (value: unknown): Node | undefined =>
  isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
const resolve = (document: RecipeDocument, value: unknown): Node | undefined =>
  isAlias(value) ? value.resolve(document.yaml) : asNode(value);

/** Offset in the text: of the value at the path, of its key, or of what holds it when it is missing. */
export const offsetOf = (document: RecipeDocument, path: Path, at: 'key' | 'value'): number => {
  const { node, key, complete } = find(document, path);
  const preferred = at === 'value' && complete ? (node ?? key) : (key ?? node);
  return preferred?.range?.[0] ?? 0;
};

export const nodeAt = (document: RecipeDocument, path: Path): Node | undefined => {
  const { node, complete } = find(document, path);
  return complete ? node : undefined;
};

/** The scalar as it was written: `12.10`, not 12.1. */
export const sourceAt = (document: RecipeDocument, path: Path): string | undefined => {
  const node = nodeAt(document, path);
  return isScalar(node) ? node.source : undefined;
};

/** The value of a node. Aliases that contain each other many times over would fill the memory. */
export const plainOf = (
  document: RecipeDocument,
  node: Node | undefined,
): { readonly value: unknown } | { readonly message: string } => {
  try {
    return { value: node?.toJS(document.yaml, { maxAliasCount: MOST_ALIASES }) };
  } catch (error) {
    return { message: `not valid YAML: ${messageOf(error)}` };
  }
};
