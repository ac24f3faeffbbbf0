/**
 * Configuration files of ISOLINUX and SYSLINUX (https://wiki.syslinux.org/wiki/index.php?title=Config, doc/menu.txt),
 * read line by line so that an edit leaves all other lines as they are.
 */
import type { MenuEntry } from './entry.ts';

export interface SyslinuxEntry extends MenuEntry {
  /** First line of the entry, and the line of its APPEND; counted from 0. */
  readonly line: number;
  readonly appendLine: number | undefined;
}

export interface Directive {
  readonly line: number;
  /** Lower case; with its second word where the first is `menu`: `timeout`, `menu default`. */
  readonly name: string;
  readonly value: string;
}

export interface SyslinuxMenu {
  readonly directives: readonly Directive[];
  readonly entries: readonly SyslinuxEntry[];
}

const TWO_WORDS = new Set(['menu', 'text']);

/** The directives of a file; comments and help texts (TEXT HELP … ENDTEXT) are passed over. */
export const directivesOf = (text: string): Directive[] => {
  const directives: Directive[] = [];
  let inHelp = false;
  for (const [line, raw] of text.split('\n').entries()) {
    const words = raw.trim();
    if (inHelp) {
      inHelp = !/^endtext\b/i.test(words);
      continue;
    }
    if (words === '' || words.startsWith('#')) continue;
    const [first = ''] = words.split(/\s+/, 1);
    const isPair = TWO_WORDS.has(first.toLowerCase());
    const [, name = first, value = ''] = (isPair ? /^(\S+\s+\S+)\s*(.*)$/ : /^(\S+)\s*(.*)$/).exec(words) ?? [];
    const directive = { line, name: name.toLowerCase().replace(/\s+/, ' '), value };
    inHelp = directive.name === 'text help';
    directives.push(directive);
  }
  return directives;
};

export const parseSyslinux = (text: string): SyslinuxMenu => {
  const directives = directivesOf(text);
  const starts = directives.filter(({ name }) => name === 'label');
  const common = directives.filter(({ line }) => starts[0] === undefined || line < starts[0].line);
  const commonAppend = common.findLast(({ name }) => name === 'append')?.value ?? '';
  const entries = starts.map((start, index) => {
    const end = starts[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    const own = directives.filter(({ line }) => line >= start.line && line < end);
    return entryOf(start, own, commonAppend);
  });
  return { directives, entries };
};

const entryOf = (start: Directive, own: readonly Directive[], commonAppend: string): SyslinuxEntry => {
  const last = (...names: string[]) => own.findLast(({ name }) => names.includes(name));
  const append = last('append');
  const kernel = last('kernel', 'linux')?.value.trim();
  const words = (append?.value.trim() === '-' ? '' : (append?.value ?? commonAppend)).split(/\s+/).filter(Boolean);
  const inAppend = words.findLast((word) => word.startsWith('initrd='))?.slice('initrd='.length);
  const initrds = last('initrd')?.value ?? inAppend ?? '';
  const modules = /(^|\/)mboot\.c32$/i.test(kernel ?? '') ? modulesOf(words) : [];
  return {
    id: start.value.trim(),
    title: (last('menu label')?.value ?? start.value).replace('^', '').trim(),
    kernel: kernel === undefined || /\.(c32|bin|bss|0|img|com|cbt)$/i.test(kernel) ? undefined : kernel,
    initrds: initrds.split(',').filter(Boolean),
    arguments: words.filter((word) => !word.startsWith('initrd=')),
    ...(modules.length === 0 ? {} : { modules }),
    line: start.line,
    appendLine: append?.line,
  };
};

/** mboot.c32 takes `xen.gz words --- vmlinuz words --- initrd`; VMware's has options and a file of its own. */
const modulesOf = (words: readonly string[]): string[] =>
  words.filter((word, index) => !word.startsWith('-') && (index === 0 || words[index - 1] === '---'));

/** Files that this one reads at its place, as they are written: INCLUDE and MENU INCLUDE. */
export const includesOf = (directives: readonly Directive[]): { readonly line: number; readonly path: string }[] =>
  directives
    .filter(({ name }) => name === 'include' || name === 'menu include')
    .map(({ line, value }) => ({ line, path: value.split(/\s+/)[0] ?? '' }));
