/**
 * A recipe's document with changes to one of its fields, as nodes of YAML: each value keeps the place where it was
 * written, so that an error points at it. As JSON Merge Patch does it (RFC 7396): mappings are merged, all else is
 * replaced, and null takes a value away.
 */
import { Document, isAlias, isMap, isScalar, isSeq, type Node, Pair, YAMLMap } from 'yaml';
import type { RecipeDocument } from './recipe-document.ts';

/** Aliases that contain each other many times over would fill the memory. */
const MOST_NODES = 100_000;

/**
 * The document with `over` laid over its top field `field`, without the recipe's `hosts` and `variants`. The document
 * that is given stays as it is.
 */
export const withOverlay = (document: RecipeDocument, field: string, over: Node | undefined): RecipeDocument => {
  const { contents } = document.yaml;
  if (!isMap(contents)) return document;
  const copy = copier(document.yaml);
  const kept = contents.items.filter(({ key }) => !['hosts', 'variants'].includes(nameOf(key)));
  const pairs = kept.map((pair) => copy.pair(pair));
  const at = pairs.findIndex(({ key }) => nameOf(key) === field);
  const before = pairs[at];
  const laid = over === undefined ? undefined : copy.node(over);
  if (laid !== undefined && isMap(laid)) {
    const merged = before !== undefined && isMap(before.value) ? mergedMap(before.value, laid) : withoutNull(laid);
    const pair = new Pair(before?.key ?? field, merged);
    if (at < 0) pairs.push(pair);
    else pairs[at] = pair;
  }
  const yaml = new Document();
  yaml.contents = mapOf(contents, pairs);
  return { ...document, yaml };
};

const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

const mapOf = (like: YAMLMap, items: readonly Pair[]): YAMLMap => {
  const map = new YAMLMap();
  map.items = [...items];
  map.range = like.range ?? null;
  return map;
};

const mergedMap = (base: YAMLMap, over: YAMLMap): YAMLMap => {
  const items = new Map(base.items.map((pair) => [nameOf(pair.key), pair]));
  for (const { key, value } of over.items) {
    const name = nameOf(key);
    const before = items.get(name)?.value;
    if (isNull(value)) items.delete(name);
    else if (isMap(value))
      items.set(name, new Pair(key, isMap(before) ? mergedMap(before, value) : withoutNull(value)));
    else items.set(name, new Pair(key, value));
  }
  // What is missing in a mapping of the host is reported there.
  return mapOf(over, [...items.values()]);
};

const withoutNull = (map: YAMLMap): YAMLMap => mergedMap(new YAMLMap(), map);

const isNull = (value: unknown): boolean => value === null || (isScalar(value) && value.value === null);

/** Copies, with aliases replaced by their content: their anchors may not be in the new document. */
const copier = (document: Document) => {
  let count = 0;
  const node = (value: unknown): unknown => {
    count += 1;
    if (count > MOST_NODES) return value;
    if (isAlias(value)) return node(value.resolve(document));
    if (isMap(value)) return mapOf(value, value.items.map(pair));
    if (isSeq(value)) {
      const copy = value.clone();
      if (isSeq(copy)) copy.items = value.items.map(node);
      return copy;
    }
    return isScalar(value) ? value.clone() : value;
  };
  const pair = ({ key, value }: Pair): Pair => new Pair(key, node(value));
  return { node, pair };
};
