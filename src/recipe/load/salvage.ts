/**
 * What is left of a recipe with wrong fields, so that the rules across fields, the files and the secrets can be looked
 * at in the same go: wrong values are left out and defaults or stand-ins take their places.
 */
import type { z } from 'zod';
import type { Path, Problem } from '../problems/problem.ts';
import { type Recipe, recipeSchema } from '../schema.ts';

export interface Salvaged {
  readonly recipe: Recipe;
  /** What was left out, as paths in the input. */
  readonly dropped: readonly Path[];
  /** The same problem with its path as in the input: entries of a list may have been left out before it. */
  readonly placed: (problem: Problem) => Problem;
}

/** For the required fields. */
const STAND_INS = { name: 'x', os: { family: 'debian', release: '12' }, origin: { assemble: 'debian' } };

/**
 * `wrong` are places that hold nothing useful. Undefined when nothing is left: `input` is not a mapping, or what is
 * wrong cannot be left out.
 */
export const salvage = (input: unknown, wrong: readonly Path[]): Salvaged | undefined => {
  if (!isMapping(input)) return undefined;
  const dropped = new Set(wrong.map(keyOf));
  for (let before = -1; dropped.size > before; ) {
    before = dropped.size;
    const rest = without(input, dropped);
    const parsed = recipeSchema.safeParse({ ...STAND_INS, ...Object(rest) });
    if (parsed.success) {
      const paths = [...dropped].map((key): Path => JSON.parse(key));
      return { recipe: parsed.data, dropped: paths, placed: (problem) => placed(problem, input, dropped) };
    }
    const places = parsed.error.issues.flatMap(culprits).map((path) => inInput(present(path, rest), input, dropped));
    for (const place of places) dropped.add(keyOf(place));
  }
  return undefined;
};

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keyOf = (path: Path): string => JSON.stringify(path);

const culprits = (issue: z.core.$ZodIssue): Path[] => {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
};

/** The path, or the nearest one above it that is still there: a mapping that lacks something goes as a whole. */
const present = (path: Path, rest: unknown): Path => {
  const at = path.findIndex((_, index) => valueAt(rest, path.slice(0, index + 1)) === undefined);
  return at < 1 ? path : path.slice(0, at);
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((rest, part) => Object(rest)[part], value);

const without = (value: unknown, dropped: ReadonlySet<string>, path: Path = []): unknown => {
  const keep = ([, at]: readonly [unknown, Path]) => !dropped.has(keyOf(at));
  if (Array.isArray(value)) {
    const parts = value.map((part, index) => [part, [...path, index]] as const);
    return parts.filter(keep).map(([part, at]) => without(part, dropped, at));
  }
  if (!isMapping(value)) return value;
  const parts = Object.entries(value).map(([name, part]) => [part, [...path, name]] as const);
  return Object.fromEntries(parts.filter(keep).map(([part, at]) => [at.at(-1), without(part, dropped, at)]));
};

/** A path in the rest as a path in the input. */
const inInput = (path: Path, input: unknown, dropped: ReadonlySet<string>): Path => {
  const found: (string | number)[] = [];
  for (const part of path) {
    const list = valueAt(input, found);
    const isKept = (index: number) => !dropped.has(keyOf([...found, index]));
    const kept = Array.isArray(list) ? [...list.keys()].filter(isKept) : [];
    found.push(typeof part === 'number' ? (kept[part] ?? part) : part);
  }
  return found;
};

const placed = (problem: Problem, input: unknown, dropped: ReadonlySet<string>): Problem => ({
  ...problem,
  path: inInput(problem.path, input, dropped),
});
