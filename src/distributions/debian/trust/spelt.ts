/** What a maintainer script names: scripts put names together from variables. */

const VARIABLE = /\$\{?\w+\}?/;

/** `written` with variables in it can be `name`; a variable takes the place of one part of a path at most. */
export const fits = (written: string, name: string): boolean => {
  const literal = written.split(VARIABLE);
  const [start = '', end = ''] = [literal[0], literal.at(-1)];
  // A name that is a variable alone would fit any file.
  if (literal.length < 2 || start === '' || start.endsWith('/')) return false;
  const between = name.slice(start.length, name.length - end.length);
  return name.startsWith(start) && name.endsWith(end) && between !== '' && !between.includes('/');
};

/** It is spelt out there, or one of the script's words with a variable can be it. */
export const names = (script: string, name: string): boolean =>
  script.includes(name) || (script.match(/[\w.+-]+\$\{?\w+\}?[\w.+-]*/g) ?? []).some((word) => fits(word, name));
