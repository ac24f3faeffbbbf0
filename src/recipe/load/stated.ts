/**
 * What a recipe says explicitly: `answers.hostname`, `machine.disk`. An installed system gets a default for everything
 * else; one that is there already keeps what it has.
 */
export type Stated = ReadonlySet<string>;

export const statedIn = (input: unknown): Stated =>
  new Set(
    entriesOf(input).flatMap(([name, value]) => [name, ...entriesOf(value).map(([field]) => `${name}.${field}`)]),
  );

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
