/** All fields that a recipe can have, as their schema names them: `answers.users[].name`, `variables.*`. */
import { recipeJsonSchema } from '../../src/recipe/json-schema.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The ones that hold a value, not those that only hold others; branches of a union side by side. */
const fieldsOf = (schema: unknown, path: string): string[] => {
  if (!isObject(schema)) return [];
  const { anyOf, oneOf, allOf, properties, items, additionalProperties } = schema;
  const branches = [anyOf, oneOf, allOf].flatMap((branch) => (Array.isArray(branch) ? branch : []));
  const named = isObject(properties) ? Object.entries(properties) : [];
  const below = [
    ...branches.flatMap((branch) => fieldsOf(branch, path)),
    ...named.flatMap(([name, field]) => fieldsOf(field, path === '' ? name : `${path}.${name}`)),
    ...fieldsOf(items, `${path}[]`),
    ...fieldsOf(additionalProperties, `${path}.*`),
  ];
  return below.length === 0 ? [path] : below;
};

export const recipeFields = (): string[] => [...new Set(fieldsOf(recipeJsonSchema(), ''))];
