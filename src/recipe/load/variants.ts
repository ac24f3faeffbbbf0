/**
 * `variants:` of a recipe: lists of values for variables. Each combination is a build of its own; `--var` or the
 * environment fixes a variable to one value.
 */
import { z } from 'zod';
import { text, variableValue } from '../schema/field-values.ts';
import type { VariableSources } from './variables.ts';

export const variantsSchema = z
  .record(
    text(/^[a-z][A-Za-z0-9_]*$/, 'the name of a variable'),
    z.array(variableValue).min(1).meta({ description: 'Its values, a build for each.' }),
  )
  .default({})
  .meta({
    description: 'Values of variables; each combination is an image of its own, its values appended to the name.',
  });

export type Variants = z.output<typeof variantsSchema>;

/** One value for each variable that is still open. */
export type Combination = Readonly<Record<string, string>>;

/** More builds than anybody waits for. */
const MOST_COMBINATIONS = 1000;

export class TooManyCombinations extends Error {
  constructor(count: number) {
    super(`${count} builds are asked for; one recipe makes at most ${MOST_COMBINATIONS}`);
  }
}

/** All combinations of what is `declared`, the first variable slowest; one empty combination when nothing is open. */
export const combinationsOf = (
  variants: Variants,
  declared: readonly string[],
  { variables = {}, env = {} }: VariableSources,
): Combination[] => {
  const isSet = (name: string) => variables[name] !== undefined || env[`INGOT_VAR_${name}`] !== undefined;
  const open = Object.entries(variants).filter(([name]) => declared.includes(name) && !isSet(name));
  const count = open.reduce((product, [, values]) => product * values.length, 1);
  if (count > MOST_COMBINATIONS) throw new TooManyCombinations(count);
  return open.reduce<Combination[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: String(value) }))),
    [{}],
  );
};

/** What tells a combination apart in a name: its values, as a name may have them. */
export const suffixOf = (combination: Combination): string =>
  Object.values(combination)
    .map(
      (value) =>
        `-${value
          .toLowerCase()
          .replaceAll(/[^a-z0-9._]+/g, '-')
          .replaceAll(/^-+|-+$/g, '')}`,
    )
    .join('');
