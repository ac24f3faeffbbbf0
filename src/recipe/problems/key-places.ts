/** What a schema knows of keys: in which parts one may stand, and which ones a part has. */
import { z } from 'zod';
import type { Path } from './problem.ts';

/** Of the places, more would say nothing. */
const MOST_PLACES = 3;

/** The parts of the schema that have the key, such as `origin` or `configure[].run`; an empty text is its top. */
export const placesOf = (schema: z.ZodType, key: string): readonly string[] =>
  (knownOf(schema).places.get(key) ?? []).slice(0, MOST_PLACES);

/** The keys of the mapping at a place; of one of several forms, those of all of them. */
export const keysAt = (schema: z.ZodType, path: Path): string[] => {
  const nodes = path.reduce<unknown[]>(
    (parts, name) => parts.flatMap(formsOf).flatMap((one) => below(one, name)),
    [knownOf(schema).json],
  );
  const keys = nodes
    .flatMap(formsOf)
    .flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : []));
  return [...new Set(keys)];
};

interface Known {
  readonly json: unknown;
  /** Of a key, the nearest to the top first. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

/** Read once: a recipe may have many keys that are nowhere known. */
const KNOWN = new WeakMap<z.ZodType, Known>();

const knownOf = (schema: z.ZodType): Known => {
  const before = KNOWN.get(schema);
  if (before !== undefined) return before;
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const found = [...new Map(keysBelow(json, '').map((one) => [`${one.place} ${one.key}`, one])).values()];
  const nearest = found.toSorted((one, other) => depth(one.place) - depth(other.place));
  const places = new Map<string, string[]>();
  for (const { key, place } of nearest) places.set(key, [...(places.get(key) ?? []), place]);
  const known = { json, places };
  KNOWN.set(schema, known);
  return known;
};

interface Placed {
  readonly key: string;
  readonly place: string;
}

const keysBelow = (node: unknown, place: string): Placed[] =>
  formsOf(node).flatMap(({ properties, items }) => [
    ...(isObject(properties) ? Object.entries(properties) : []).flatMap(([key, part]) => [
      { key, place },
      ...keysBelow(part, place === '' ? key : `${place}.${key}`),
    ]),
    ...keysBelow(items, `${place}[]`),
  ]);

const depth = (place: string): number => (place === '' ? 0 : place.split('.').length);

const FORMS = ['anyOf', 'oneOf', 'allOf'] as const;

/** The node itself, and the forms that it may have. */
const formsOf = (node: unknown): Readonly<Record<string, unknown>>[] =>
  isObject(node) ? [node, ...FORMS.flatMap((form) => asList(node[form])).flatMap(formsOf)] : [];

const below = (node: Readonly<Record<string, unknown>>, name: string | number): readonly unknown[] => {
  if (typeof name === 'number') return [node['items']];
  const { properties } = node;
  return isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
};

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
