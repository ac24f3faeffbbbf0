/**
 * EJS as strictly as an answer file needs it: a value that is not defined is an error with template:line, a value that
 * the format cannot carry is one too, nothing is escaped for HTML, and only included partials come in unescaped.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import ejs from 'ejs';
import { IngotError, messageOf } from '../errors.ts';
import { textFault } from '../recipe/scripts/text-fault.ts';
import { type Escape, renderApart } from '../template/apart.ts';
import { Fault } from '../template/fault.ts';
import { partialPath } from '../template/partial-path.ts';
import { strict } from '../template/strict.ts';

export interface TemplateOptions {
  /** Folders that partials are looked for in, after the template's own. */
  readonly partials: readonly string[];
  readonly escape: Escape;
}

/**
 * Renders a template of the user's as `renderTemplate` does one of Ingot's, in a process of its own. Throws
 * `template.too-much` as well.
 */
export const renderOwnTemplate = (
  file: string,
  values: Readonly<Record<string, unknown>>,
  options: TemplateOptions,
): string => {
  const roots = [dirname(file), ...options.partials];
  try {
    const partial = ({ name }: { readonly name: string }) => {
      const path = partialPath(name, roots);
      return { path, text: readTemplate(path) };
    };
    const [text = ''] = renderApart({
      templates: [{ path: file, text: readTemplate(file) }],
      values,
      escape: options.escape,
      partial,
    });
    return text;
  } catch (error) {
    throw templateError(error, file, shownBelow(roots));
  }
};

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
  try {
    const template = readTemplate(file);
    const data = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, strict(value, name)]));
    return ejs.render(template, data, {
      strict: true,
      filename: file,
      destructuredLocals: Object.keys(values),
      escape: options.escape.value,
      includer: (name) => {
        const filename = partialPath(name, roots);
        readTemplate(filename);
        return { filename };
      },
    });
  } catch (error) {
    throw templateError(error, file, shownBelow(roots));
  }
};

const shownBelow =
  (roots: readonly string[]) =>
  (path: string): string => {
    const root = roots.find((folder) => !relative(folder, path).startsWith('..')) ?? dirname(path);
    return join(basename(root), relative(root, path));
  };

/** Unescaped output of anything but a partial would avoid the checks; installers read answers line by line. */
const readTemplate = (file: string): string => {
  const content = readFileSync(file);
  const fault = textFault(content, basename(file), { isScript: true, isDecoded: true });
  if (fault) throw new Fault(fault.message, file, 1, fault.hint);
  const text = content.toString('utf8');
  const raw = /<%-(?!\s*include\s*\()/.exec(text);
  if (!raw) return text;
  const line = text.slice(0, raw.index).split('\n').length;
  throw new Fault('only a partial may be put in unescaped (<%- include(…) -%>); write <%= … %>', file, line);
};

/** EJS puts `file:line`, an excerpt and an empty line before the message, once for each template on the way. */
const PLACE = /(?<=^|\n)([^\n]+):(\d+)\n((?:(?: >> | {4})\d+\|[^\n]*\n)+)\n/g;

const templateError = (error: unknown, file: string, shown: (path: string) => string): IngotError => {
  if (error instanceof IngotError) return error;
  if (error instanceof Fault)
    return new IngotError('recipe.template', error.reason, {
      where: `${shown(error.file)}:${error.line}`,
      hint: error.hint ?? 'docs/answers.md says how values and partials are written.',
    });
  const message = messageOf(error);
  const place = [...message.matchAll(PLACE)].at(-1);
  const reason = place ? message.slice(place.index + place[0].length) : message;
  const [path = file, line] = place ? [place[1], place[2]] : [];
  return new IngotError('recipe.template', firstLine(reason), {
    where: line === undefined ? shown(path) : `${shown(path)}:${line}`,
    detail: place?.[3]?.trimEnd(),
    hint: 'docs/answers.md lists what a template has: its values and helpers.',
    cause: error,
  });
};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? text;
