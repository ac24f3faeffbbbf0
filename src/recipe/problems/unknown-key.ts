/** A key that nothing knows: the nearest one, what people mean by it, or the part that has it. */
import type { z } from 'zod';
import { suggest } from '../../suggest.ts';
import { keyHint } from './hints/key-hint.ts';
import { placesOf } from './key-places.ts';
import type { Path, Problem } from './problem.ts';

/** More of them at one place would say nothing new. */
const MOST_KEYS = 50;

/** `known` are the keys of the part, as `knownKeys` joins them. */
export const unknownKeys = (
  keys: readonly string[],
  path: Path,
  known: string,
  schema: z.ZodType | undefined,
): Problem[] => {
  const told = keys.slice(0, MOST_KEYS).map((key) => unknownKey([...path, key], known, schema));
  const next = keys[MOST_KEYS];
  if (next === undefined) return told;
  return [...told, { path: [...path, next], at: 'key', message: `and ${keys.length - MOST_KEYS} more unknown keys` }];
};

const unknownKey = (path: Path, known: string, schema: z.ZodType | undefined): Problem => {
  const key = String(path.at(-1));
  const meant = suggest(key, known.split(', '));
  if (path.join('.') === 'answers.network.vlan')
    return {
      path,
      at: 'key',
      message: 'a VLAN needs the card that carries it',
      hint: 'Make a list of both: [{name: lan, match: {name: eno1}}, {name: vlan10, vlan: {id: 10, of: lan}}].',
    };
  const other = keyHint(path);
  const places = meant === undefined && other === undefined && schema !== undefined ? placesOf(schema, key) : [];
  const hint =
    other ??
    (meant !== undefined
      ? `Did you mean \`${meant}\`?`
      : places.length > 0
        ? misplacedHint(key, places)
        : `Allowed here: ${known}.`);
  return { path, at: 'key', message: 'unknown key', hint };
};

/** A key that is known elsewhere; `''` among the places is the recipe's top. */
const misplacedHint = (key: string, places: readonly string[]): string => {
  const [first = '', ...others] = places.map((place) => (place === '' ? 'at the top' : `in \`${place}\``));
  return `\`${key}\` stands ${[first, ...others].join(', or ')}.`;
};
