/**
 * What runs in the separate process that renders a user's templates (apart.ts). The functions' texts are
 * handed over, so each uses only its arguments and the language; types are gone by then.
 */

/** What EJS gets instead of Node's modules: the parts of them that it needs. */
interface EjsModule {
  exports: { render(template: string, data: object, options: object): string };
}

export interface InsideInput {
  readonly ejs: string;
  readonly utils: string;
  readonly templates: readonly { readonly path: string; readonly text: string }[];
  readonly values: Readonly<Record<string, unknown>>;
  /** By `partialKey`. */
  readonly partials: Readonly<Record<string, Partial>>;
}

export interface TemplateInclude {
  /** Folder of the template that includes. */
  readonly from: string;
  readonly name: string;
}

/** As `renderInside` makes it. */
export const partialKey = ({ from, name }: TemplateInclude): string => `${from}\0${name}`;

export type Partial = { readonly path: string; readonly text: string } | { readonly problem: string };

export type InsideResult =
  | { readonly texts: readonly string[] }
  /** A partial that was not handed over. */
  | { readonly needs: TemplateInclude }
  | { readonly nth: number; readonly message: string };

/** Renders in a context that has the language and nothing else; takes and gives JSON, so that no object passes. */
export const renderInside = (
  input: string,
  functions: Readonly<Record<string, unknown>>,
  asText: (value: unknown) => string,
  strict: (value: unknown, name: string) => unknown,
): string => {
  const { ejs, utils, templates, values, partials }: InsideInput = JSON.parse(input);
  const load = (source: string, modules: Readonly<Record<string, unknown>>): EjsModule['exports'] => {
    const made = { exports: {} } as EjsModule;
    new Function('require', 'module', 'exports', source)((name: string) => modules[name], made, made.exports);
    return made.exports;
  };
  const path = {
    dirname: (name: string) => name.replace(/\/?[^/]*$/, ''),
    basename: (name: string) => name.replace(/^.*\//, ''),
    extname: (name: string) => /\.[^./]*$/.exec(name)?.[0] ?? '',
    // For the includer: only it finds anything.
    resolve: (folder: string) => `${folder}\0`,
  };
  const fs = { existsSync: () => true, readFileSync: () => '' };
  const engine = load(ejs, { './utils.js': load(utils, {}), fs, path });
  let needs: TemplateInclude | undefined;
  const includer = (name: string, resolved: string) => {
    const from = resolved.slice(0, resolved.lastIndexOf('\0'));
    const key = `${from}\0${name}`;
    const partial = Object.hasOwn(partials, key) ? partials[key] : undefined;
    if (partial === undefined) {
      needs ??= { from, name };
      throw new Error(`there is no partial ${JSON.stringify(name)}`);
    }
    if ('problem' in partial) throw new Error(partial.problem);
    return { filename: partial.path, template: partial.text };
  };
  const data = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, strict(value, name)]));
  Object.assign(data, functions);
  const texts: string[] = [];
  const result = (value: InsideResult) => JSON.stringify(value);
  for (const [nth, template] of templates.entries()) {
    try {
      const options = {
        strict: true,
        filename: template.path,
        destructuredLocals: Object.keys(data),
        escape: asText,
        includer,
      };
      texts.push(engine.render(template.text, data, options));
    } catch (error) {
      if (needs !== undefined) return result({ needs });
      return result({ nth, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return result({ texts });
};

/**
 * The process itself: removes everything of Node's from its own global object, runs the code in a fresh context,
 * writes the resulting text, and ends before anything that the code has started gets its turn.
 */
export const runInside = (node: typeof globalThis, require: NodeJS.Require, code: string): void => {
  const { constants, createContext, runInContext }: typeof import('node:vm') = require('node:vm');
  const { writeSync }: typeof import('node:fs') = require('node:fs');
  // All that is still needed once everything else is gone.
  const { process } = node;
  const encoder = new TextEncoder();
  const options = { codeGeneration: { strings: true, wasm: false } };
  const context = createContext(constants.DONT_CONTEXTIFY, options);
  const known: readonly PropertyKey[] = runInContext('Reflect.ownKeys(globalThis)', context);
  for (const name of Reflect.ownKeys(node)) {
    if (name === 'console' || name === 'WebAssembly' || !known.includes(name)) Reflect.deleteProperty(node, name);
  }
  const text: unknown = runInContext(code, context);
  const bytes = encoder.encode(typeof text === 'string' ? text : '');
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  process.exit(0);
};
