/**
 * A new volume id in boot menus: installers and boot loaders find the medium by its label. Text is only changed where a
 * label is meant: `LABEL=` and similar words, `/dev/disk/by-label/`, GRUB's `search`.
 */
import type { BootMenus } from './boot-menus.ts';
import type { MenuFiles } from './unattended.ts';

/** The menus as they have to be once the medium is called `to`; `from` is the original's volume id. */
export const relabelledMenus = (menus: BootMenus, from: string, to: string): BootMenus => {
  if (from === '' || from === to) return menus;
  const relabelled = (files: MenuFiles): MenuFiles =>
    new Map([...files].map(([path, text]) => [path, relabel(text, from, to)]));
  return {
    ...menus,
    files: relabelled(menus.files),
    images: menus.images.map((image) => ({ ...image, files: relabelled(image.files) })),
  };
};

/** The files of `after` that are not as they were. */
export const differingMenus = (before: MenuFiles, after: MenuFiles): MenuFiles =>
  new Map([...after].filter(([path, text]) => before.get(path) !== text));

/**
 * `inst.stage2=hd:LABEL=`, `root=live:CDLABEL=`, `isolabel=`; the label ends at the first character that a label cannot have.
 * In GRUB, `search` takes it as a word of its own.
 */
export const relabel = (text: string, from: string, to: string): string => {
  const label = `(?:${writtenForms(from).map(literal).join('|')})`;
  const meant = new RegExp(`(label=|/by-label/)(["']?)${label}(?=$|[\\s:"';,/])`, 'gim');
  const word = new RegExp(`(\\s|["'=])${label}(?=$|[\\s"';])`, 'gm');
  return text
    .replaceAll(meant, (_, before: string, quote: string) => `${before}${quote}${to}`)
    .split('\n')
    .map((line) => (SEARCH.test(line) ? line.replaceAll(word, (_, before: string) => `${before}${to}`) : line))
    .join('\n');
};

/** grub-core/commands/search_wrap.c: -l and --label; `search.fs_label` is the same as a command. */
const SEARCH = /(^|[\s;{])search(\.fs_label\s|\s(.*\s)?(-l|--label|--fs-label)(?=[\s=]|$))/;

/**
 * As it is, as udev writes it (`\x20`: all but letters, digits and `#+-.:=@_`, util-linux lib/encode.c), and that once
 * more for GRUB, which takes a backslash away.
 */
const writtenForms = (label: string): string[] => {
  const escaped = label.replaceAll(/[^\w#+\-.:=@]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
  return [...new Set([escaped.replaceAll('\\', '\\\\'), escaped, label.replaceAll(' ', '\\ '), label])];
};

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
