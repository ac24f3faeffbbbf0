/** Edits of grub.cfg: from text to text, touching only the words in question. */

import type { InstallerEntry } from './entry.ts';
import { grubEntries, parseGrub } from './grub.ts';
import { type GrubToken, grubQuote } from './grub-lexer.ts';
import { type KernelArguments, setArguments } from './menu-arguments.ts';

/** Sets kernel arguments of the entries with this id or title; words that stay keep their quotes. */
export const setGrubArguments = (text: string, id: string, set: KernelArguments): string => {
  let result = text;
  const linuxes = grubEntries(text).flatMap((entry) => (entry.id === id && entry.linux ? [entry.linux] : []));
  for (const { words } of linuxes.toReversed()) {
    const [, kernel, ...old] = words;
    if (kernel === undefined) continue;
    const raw = rawWords(old);
    const after = setArguments(
      old.map(({ value }) => value),
      set,
    ).map((word) => raw.get(word) ?? grubQuote(word));
    const end = old.at(-1)?.end ?? kernel.end;
    result = `${result.slice(0, kernel.end)}${after.map((word) => ` ${word}`).join('')}${result.slice(end)}`;
  }
  return result;
};

/** Words as they are written, by their value: `"$vt"` has to stay a variable. */
export const rawWords = (words: readonly GrubToken[]): Map<string, string> =>
  new Map(words.map(({ value, raw }) => [value, raw]));

/**
 * An entry as text. Paths are written as elsewhere in the menu, with their devices and variables; so are the
 * arguments that are in `raw` (value to word).
 */
export const grubEntry = (
  entry: InstallerEntry,
  commands: { readonly linux: string; readonly initrd: string },
  raw: ReadonlyMap<string, string> = new Map(),
): string =>
  [
    `menuentry ${grubQuote(entry.title)} --id ${grubQuote(entry.id)} {`,
    `\t${[commands.linux, pathWord(entry.kernel), ...entry.arguments.map((word) => raw.get(word) ?? grubQuote(word))].join(' ')}`,
    `\t${[commands.initrd, ...entry.initrds.map(pathWord)].join(' ')}`,
    '}',
    '',
  ].join('\n');

/** Variables (`$prefix`) must stay variables. */
const pathWord = (path: string): string => (/^[A-Za-z0-9_./(){}$+-]+$/.test(path) ? path : grubQuote(path));

/**
 * Puts text before the first entry or submenu, at the beginning of its line; before the condition when it stands in
 * one. At the end when there is no entry.
 */
export const insertBeforeEntries = (text: string, inserted: string): string => {
  const top = parseGrub(text);
  const isMenu = ({ name }: { name: string }) => name === 'menuentry' || name === 'submenu';
  const first = top.findIndex(isMenu);
  if (first < 0) return `${text}${text.endsWith('\n') || text === '' ? '' : '\n'}${inserted}`;
  const outermost = top.slice(0, first + 1).findLast(({ depth }) => depth === 0) ?? top[first];
  const at = text.lastIndexOf('\n', outermost?.start ?? 0) + 1;
  return `${text.slice(0, at)}${inserted}\n${text.slice(at)}`;
};
