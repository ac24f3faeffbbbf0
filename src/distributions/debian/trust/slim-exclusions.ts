/** Whether a file tells dpkg to leave out what a strip of the recipe leaves out, and nothing else: anybody can write one of that name. */
import { STRIP_UNITS } from '../slim/strips.ts';

/** Why the text is not what `slim` writes at that place; undefined when it is. */
export const slimWhy = (path: string, text: string): string | undefined => {
  const [, name] = /\/90-slim-([a-z-]+)$/.exec(path) ?? [];
  const work = STRIP_UNITS.find((unit) => unit.name === name)?.work;
  if (work?.kind !== 'files' || !work.forGood) return 'there is no such strip';
  const odd = text.split('\n').find((line) => !isOf(line, work.paths));
  return odd === undefined
    ? undefined
    : `the strip ${name} does not say "${odd.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?')}"`;
};

/** What is kept after all takes nothing away. */
const isOf = (line: string, paths: readonly string[]): boolean =>
  /^(#.*)?$/.test(line) || /^path-include=\/\S+$/.test(line) || paths.some((path) => line === `path-exclude=${path}`);
