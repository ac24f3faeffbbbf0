/** Edits of ISOLINUX and SYSLINUX files: from text to text, touching only the lines in question. */

import type { InstallerEntry } from './entry.ts';
import { type KernelArguments, setArguments } from './menu-arguments.ts';
import { type Directive, directivesOf, parseSyslinux } from './syslinux.ts';

/** Sets kernel arguments of the entry with this label. */
export const setSyslinuxArguments = (text: string, label: string, set: KernelArguments): string => {
  const entry = parseSyslinux(text).entries.find(({ id }) => id === label);
  if (entry === undefined) return text;
  const lines = text.split('\n');
  const words = setArguments(entry.arguments, set);
  if (entry.appendLine === undefined) {
    return lines.toSpliced(entry.line + 1, 0, `\tappend ${words.join(' ')}`).join('\n');
  }
  const old = lines[entry.appendLine] ?? '';
  const [, head = '\tappend '] = /^(\s*\S+\s+)/.exec(old) ?? [];
  const initrd = old.split(/\s+/).filter((word) => word.startsWith('initrd='));
  const ending = old.endsWith('\r') ? '\r' : '';
  return lines.with(entry.appendLine, `${head}${[...initrd, ...words].join(' ')}${ending}`).join('\n');
};

/** An entry as text. In a menu label `^` marks a key, so the title must not have one. */
export const syslinuxEntry = (entry: InstallerEntry, isDefault: boolean): string =>
  [
    `label ${entry.id}`,
    `\tmenu label ${entry.title}`,
    ...(isDefault ? ['\tmenu default'] : []),
    `\tkernel ${entry.kernel}`,
    `\tappend ${[`initrd=${entry.initrds.join(',')}`, ...entry.arguments].join(' ')}`,
    '',
  ].join('\n');

/** Turns the directives that `matches` selects into comments. */
export const silenced = (text: string, matches: (directive: Directive) => boolean): string => {
  const lines = text.split('\n');
  for (const directive of directivesOf(text)) {
    if (matches(directive)) lines[directive.line] = `# ${lines[directive.line]}`;
  }
  return lines.join('\n');
};

export const insertAtLine = (text: string, line: number, inserted: string): string => {
  const lines = text.split('\n');
  return [...lines.slice(0, line), ...inserted.replace(/\n$/, '').split('\n'), ...lines.slice(line)].join('\n');
};

export const appended = (text: string, lines: readonly string[]): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`;
