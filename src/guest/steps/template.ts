/** Templates of `copy` steps: EJS without HTML escaping, where anything undefined is an error with its line. */
import ejs from 'ejs';
import { IngotError, messageOf } from '../../errors.ts';
import type { Variables } from '../../recipe/variables-schema.ts';

/** Renders `text`; the template sees `variables`. Throws `guest.template-failed` with file and line. */
export const renderTemplate = (text: string, variables: Variables, path: string): string => {
  const known = new Proxy(variables, {
    get(target, name) {
      if (typeof name === 'string' && !Object.hasOwn(target, name)) throw new Error(`variables.${name} is not set`);
      return Reflect.get(target, name);
    },
  });
  try {
    return ejs.render(
      text,
      { variables: known },
      { filename: path, strict: true, destructuredLocals: ['variables'], escape: asText },
    );
  } catch (cause) {
    throw new IngotError('guest.template-failed', 'a template could not be rendered', {
      where: path,
      detail: messageOf(cause),
      hint: 'The template sees `variables.NAME`, the variables of the recipe.',
      cause,
    });
  }
};

const asText = (value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a value is ${value === null ? 'null' : typeof value}, not a text, number or boolean`);
};
