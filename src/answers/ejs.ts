/**
 * EJS as strictly as an answer file needs it: a value that is not defined is an error with template:line, a value that
 * the format cannot carry is one too, nothing is escaped for HTML, and only included partials come in unescaped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ejs from 'ejs';
import { IngotError, messageOf } from '../errors.ts';

export interface TemplateOptions {
  /** Folders that partials are looked for in, after the template's own. */
  readonly partials: readonly string[];
  /** Turns a value into text of the format; throws with a reason when the format cannot carry it. */
  readonly escape: (value: unknown) => string;
}

/**
 * Renders the template file with `values` as its names. Throws `recipe.template` with `where` template:line. Only
 * `<%- include('name') -%>` may bring in text unescaped; names are relative to the template or to a partials folder.
 */
export const renderTemplate = (
  file: string,
  values: Readonly<Record<string, unknown>>,
  options: TemplateOptions,
): string => {
  const roots = [dirname(file), ...options.partials];
  const shown = (path: string): string => {
    const root = roots.find((folder) => !relative(folder, path).startsWith('..')) ?? dirname(path);
    return join(basename(root), relative(root, path));
  };
  try {
    const template = readTemplate(file);
    const data = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, strict(value, name)]));
    return ejs.render(template, data, {
      strict: true,
      filename: file,
      destructuredLocals: Object.keys(values),
      escape: options.escape,
      includer: (name) => partial(name, roots),
    });
  } catch (error) {
    throw templateError(error, file, shown);
  }
};

const partial = (name: string, roots: readonly string[]): { filename: string } => {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name))
    throw new Error(`a partial cannot be called ${JSON.stringify(name)}`);
  const found = roots
    .map((root) => join(root, name.endsWith('.ejs') ? name : `${name}.ejs`))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`there is no partial ${JSON.stringify(name)}`);
  readTemplate(found);
  return { filename: found };
};

/** Unescaped output of anything but a partial would be a way round the checks. */
const readTemplate = (file: string): string => {
  const text = readFileSync(file, 'utf8');
  const raw = /<%-(?!\s*include\s*\()/.exec(text);
  if (!raw) return text;
  const line = text.slice(0, raw.index).split('\n').length;
  throw new TemplateFault('only a partial may be put in unescaped (<%- include(…) -%>); write <%= … %>', file, line);
};

/** A fault whose place is known; EJS adds to the message of whatever passes through it. */
class TemplateFault extends Error {
  readonly reason: string;
  readonly file: string;
  readonly line: number;
  constructor(reason: string, file: string, line: number) {
    super(reason);
    this.reason = reason;
    this.file = file;
    this.line = line;
  }
}

/**
 * The same value, but reading a property that it does not have throws. Conditions can ask for an optional one with
 * `'name' in object`.
 */
export const strict = (value: unknown, name: string): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, property) {
      if (typeof property === 'symbol') return Reflect.get(target, property);
      if (!(property in target)) throw new Error(`${name}.${property} is not defined`);
      const found: unknown = Reflect.get(target, property);
      return typeof found === 'function'
        ? found
        : strict(found, Array.isArray(target) ? `${name}[${property}]` : `${name}.${property}`);
    },
  });
};

/** EJS puts `file:line`, an excerpt and an empty line before the message, once for each template on the way. */
const PLACE = /(?<=^|\n)([^\n]+):(\d+)\n((?:(?: >> | {4})\d+\|[^\n]*\n)+)\n/g;

const templateError = (error: unknown, file: string, shown: (path: string) => string): IngotError => {
  if (error instanceof IngotError) return error;
  if (error instanceof TemplateFault)
    return new IngotError('recipe.template', error.reason, { where: `${shown(error.file)}:${error.line}` });
  const message = messageOf(error);
  const place = [...message.matchAll(PLACE)].at(-1);
  const reason = place ? message.slice(place.index + place[0].length) : message;
  const [path = file, line] = place ? [place[1], place[2]] : [];
  return new IngotError('recipe.template', firstLine(reason), {
    where: line === undefined ? shown(path) : `${shown(path)}:${line}`,
    detail: place?.[3]?.trimEnd(),
    cause: error,
  });
};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? text;
