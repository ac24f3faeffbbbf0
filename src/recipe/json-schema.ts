/** The recipe's JSON Schema for editors, from the same zod schema that validates. Committed as recipe.schema.json. */
import { z } from 'zod';
import { recipeSchema } from './schema.ts';

const VARIABLE = { type: 'string', pattern: '\\$\\{var:[^}]+\\}' };
const NARROW = ['pattern', 'format', 'enum', 'const', 'minLength', 'maxLength'];

/**
 * JSON Schema (draft 2020-12) of what may be written. Wherever a value is not free text, a variable reference is
 * allowed too, as it is in a recipe.
 */
export const recipeJsonSchema = (): Readonly<Record<string, unknown>> => {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' });
  const { properties = {}, ...rest } = schema;
  const open = Object.entries(properties).map(([name, part]) => {
    if (name === 'hosts') return [name, withHostAnswers(part, withVariables(asPart(properties['answers'])))];
    return [name, name === 'variables' ? part : withVariables(part)];
  });
  return { ...rest, properties: Object.fromEntries(open) };
};

/** A host's changes have the form of the answers; its ids and variables are written as they are. */
const withHostAnswers = (schema: unknown, answers: unknown): unknown => {
  if (Array.isArray(schema)) return schema;
  if (!isObject(schema) || !isObject(answers)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, part]) => {
      if (key !== 'answers') return [key, withHostAnswers(part, answers)];
      const { description } = isObject(part) ? part : {};
      return [key, { ...answers, ...defined({ description }), default: {} }];
    }),
  );
};

/** A part of something: nothing has to be there, no default holds, and null takes a value away. */
const asPart = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(asPart);
  if (!isObject(schema)) return schema;
  const { required: _, default: __, properties, anyOf, ...rest } = schema;
  const fields = isObject(properties) ? Object.entries(properties) : [];
  return {
    ...rest,
    ...(anyOf === undefined ? {} : { anyOf: asPart(anyOf) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(fields.map(([name, part]) => [name, orNull(asPart(part))])) }),
  };
};

const orNull = (schema: unknown): unknown => {
  const { description, ...rest } = isObject(schema) ? schema : {};
  return { ...defined({ description }), anyOf: [rest, { type: 'null' }] };
};

const withVariables = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withVariables);
  if (!isObject(schema)) return schema;
  if (isNarrowScalar(schema)) {
    const { description, default: fallback, ...type } = schema;
    return { ...defined({ description, default: fallback }), anyOf: [type, VARIABLE] };
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, part]) => [key, KEEP.includes(key) ? part : withVariables(part)]),
  );
};

/** Keywords whose content is not a schema of a value: defaults, names of keys, lists of names. */
const KEEP = ['default', 'propertyNames', 'required'];

const isNarrowScalar = ({ type, ...rest }: Readonly<Record<string, unknown>>): boolean =>
  ['integer', 'number', 'boolean'].includes(String(type)) || (type === 'string' && NARROW.some((key) => key in rest));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const defined = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
