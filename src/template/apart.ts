/**
 * Renders a user's templates in a process of its own. EJS is code, and whoever wrote a template is not always whoever
 * runs Ingot: here it has the language and its values, no files, no programs, no environment, and limited time and
 * memory. docs/security.md says what this stops and what it does not. Ingot's own templates do not need it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { runSync } from '../host/run.ts';
import { Fault, TemplateRefused } from './fault.ts';
import {
  type InsideInput,
  type InsideResult,
  type Partial,
  partialKey,
  renderInside,
  runInside,
  type TemplateInclude,
} from './inside.ts';
import { strict } from './strict.ts';

/** A function whose text travels: it uses nothing but its arguments, the language, and those named before it. */
type Travelling = (...values: never[]) => unknown;

export interface Apart {
  readonly templates: readonly { readonly path: string; readonly text: string }[];
  /** What the templates see, by name: data, and travelling functions. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly escape: Escape;
  /** What a template includes. What it throws is told where it is included. */
  readonly partial: (include: TemplateInclude) => { readonly path: string; readonly text: string };
}

/** What is done with the value of `<%= … %>`. */
export interface Escape {
  /** Turns it into text, or throws with a reason. */
  readonly value: (value: unknown) => string;
  /** That function and those that it uses, in the order in which they use each other. */
  readonly functions: Readonly<Record<string, Travelling>>;
}

/**
 * The rendered texts, in order. Throws `TemplateRefused`, and `template.too-much` for one that takes too long, too much
 * memory, or ends the process.
 */
export const renderApart = (request: Apart): string[] => {
  const { templates, partial } = request;
  if (!templates.some(({ text }) => TAG.test(text))) return templates.map(({ text }) => text);
  const partials: Record<string, Partial> = Object.create(null);
  const take = (include: TemplateInclude): void => {
    const found = findPartial(include, partial);
    partials[partialKey(include)] = found;
    if ('text' in found) includesIn(found).forEach(foresee);
  };
  const foresee = (include: TemplateInclude): void => {
    if (Object.hasOwn(partials, partialKey(include))) return;
    try {
      take(include);
    } catch {
      // It may never be asked for.
    }
  };
  templates.flatMap(includesIn).forEach(foresee);
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
    const result = renderOnce(request, partials);
    if ('texts' in result) return [...result.texts];
    if ('message' in result) throw new TemplateRefused(result.message, templates[result.nth]?.path ?? '');
    take(result.needs);
  }
  throw tooMuch(templates, 'it includes too many partials by names that it makes up');
};

/** Anything else is a text that EJS leaves as it is. */
const TAG = /<%|%>/;

/** Partials whose names are written out; each other one costs a new process. */
const includesIn = ({ path, text }: { readonly path: string; readonly text: string }): TemplateInclude[] =>
  [...text.matchAll(/\binclude\s*\(\s*(['"])([^'"\\]*)\1/g)].map(([, , name = '']) => ({ from: dirname(path), name }));

const MOST_ROUNDS = 32;

const findPartial = (include: TemplateInclude, partial: Apart['partial']): Partial => {
  try {
    return partial(include);
  } catch (error) {
    if (error instanceof Fault) throw error;
    return { problem: error instanceof Error ? error.message : String(error) };
  }
};

/** Milliseconds, MiB of JavaScript's objects, bytes of all memory that can be written. */
const [TIME, HEAP, MEMORY] = [5_000, 256, 2 ** 30];

const renderOnce = ({ templates, values, escape: format }: Apart, partials: InsideInput['partials']) => {
  const isFunction = ([, value]: [string, unknown]) => typeof value === 'function';
  const [functions, data] = [
    Object.entries(values).filter(isFunction),
    Object.entries(values).filter((one) => !isFunction(one)),
  ];
  const input: InsideInput = { ...engine(), templates, values: Object.fromEntries(data), partials };
  const code = [
    '(() => { "use strict";',
    ...Object.entries({ strict, ...format.functions, renderInside }).map(
      ([name, value]) => `const ${name} = ${String(value)};`,
    ),
    `const functions = { ${functions.map(([name, value]) => `${name}: ${String(value)}`).join(', ')} };`,
    `return renderInside(${JSON.stringify(JSON.stringify(input))}, functions, ${format.value.name}, strict);`,
    '})()',
  ].join('\n');
  const script = `"use strict"; (${String(runInside)})(globalThis, require, ${JSON.stringify(code)});`;
  try {
    return resultOf(runSync('setpriv', COMMAND, { input: script, timeout: TIME }), templates);
  } catch (error) {
    if (!(error instanceof IngotError) || !/^host\.command-/.test(error.code)) throw error;
    const isSlow = error.code === 'host.command-timeout';
    throw tooMuch(templates, isSlow ? `it takes longer than ${TIME / 1000} s` : 'it takes too much memory', error);
  }
};

const COMMAND = [
  ...['--pdeathsig', 'KILL', '--no-new-privs', '--'],
  ...['prlimit', '--core=0', `--data=${MEMORY}`, `--cpu=${TIME / 500}`, '--nofile=64', '--'],
  // No environment: addresses of proxies may have passwords.
  ...['env', '-i', process.execPath, '--permission', `--max-old-space-size=${HEAP}`, '-'],
];

const resultOf = (text: string, templates: Apart['templates']): InsideResult => {
  try {
    const value: unknown = JSON.parse(text);
    if (isResult(value, templates.length)) return value;
  } catch {
    // As below.
  }
  throw tooMuch(templates, 'its result is not a text');
};

/** The templates' code may have changed whatever it could reach. */
const isResult = (value: unknown, count: number): value is InsideResult => {
  if (typeof value !== 'object' || value === null) return false;
  if ('texts' in value)
    return (
      Array.isArray(value.texts) && value.texts.length === count && value.texts.every((one) => typeof one === 'string')
    );
  if ('needs' in value) return isInclude(value.needs);
  return 'nth' in value && typeof value.nth === 'number' && 'message' in value && typeof value.message === 'string';
};

const isInclude = (value: unknown): value is TemplateInclude =>
  typeof value === 'object' &&
  value !== null &&
  'from' in value &&
  typeof value.from === 'string' &&
  'name' in value &&
  typeof value.name === 'string';

const tooMuch = (templates: Apart['templates'], why: string, cause?: unknown): IngotError =>
  new IngotError('template.too-much', `a template cannot be rendered: ${why}`, {
    where: templates
      .map(({ path }) => path)
      .slice(0, 3)
      .join(', '),
    hint: 'A template computes text from its values: it has no files, no programs, and not much time and memory.',
    cause,
  });

let sources: { readonly ejs: string; readonly utils: string } | undefined;

const engine = () => {
  const path = createRequire(import.meta.url).resolve('ejs');
  sources ??= { ejs: readFileSync(path, 'utf8'), utils: readFileSync(join(dirname(path), 'utils.js'), 'utf8') };
  return sources;
};
