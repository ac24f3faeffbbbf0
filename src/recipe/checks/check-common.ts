/** What the cross checks share. */
import type { Path, Problem } from '../problems/problem.ts';

export const mebibyteText = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)}M`;

export const duplicates = (names: readonly string[], path: (index: number) => Path): Problem[] =>
  names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [{ path: path(index), message: `\`${name}\` is there twice` }],
  );
