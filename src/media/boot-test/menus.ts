/**
 * The menus of a medium changed as little as a test needs: one entry of each gets words for its kernel and starts by
 * itself after a second. User interface, other entries and everything else of a menu stay.
 */
import type { BootMenus } from '../menus/boot-menus.ts';
import { ENTRY_ID, type InstallerEntry, installerEntry, type MenuEntry } from '../menus/entry.ts';
import { grubEntries } from '../menus/grub.ts';
import { setGrubArguments } from '../menus/grub-edit.ts';
import { grubQuote } from '../menus/grub-lexer.ts';
import { type Directive, parseSyslinux } from '../menus/syslinux.ts';
import { appended, setSyslinuxArguments, silenced } from '../menus/syslinux-edit.ts';
import { grubMenus, isLoopback } from '../menus/unattend-grub.ts';
import { decidesStart, isModule, syslinuxMenu } from '../menus/unattend-syslinux.ts';
import type { MenuFiles } from '../menus/unattended.ts';

export interface TestMenus {
  /** Changed files of the medium, and of its EFI image. */
  readonly files: MenuFiles;
  readonly efi: MenuFiles;
  /** Title of the entry that is started, by firmware; absent where no menu starts a kernel. */
  readonly started: Readonly<Partial<Record<'bios' | 'uefi', string>>>;
}

export const testMenus = (menus: BootMenus, words: readonly string[]): TestMenus => {
  const isolinux = menus.isolinux === undefined ? NONE : testSyslinux(menus.files, menus.isolinux, words);
  const grub = testGrub(menus.files, words);
  const efi = testGrub(menus.efi?.files ?? new Map(), words);
  const bios = isolinux.title ?? grub.title;
  const uefi = efi.title ?? grub.title;
  return {
    files: new Map([...isolinux.files, ...grub.files]),
    efi: efi.files,
    started: { ...(bios === undefined ? {} : { bios }), ...(uefi === undefined ? {} : { uefi }) },
  };
};

interface Changed {
  readonly files: MenuFiles;
  readonly title?: string;
}

const NONE: Changed = { files: new Map() };

/** Ingot's own entry where there is one, else the one that a remaster would take as its model. */
const chosen = <Entry extends MenuEntry>(entries: readonly Entry[]): (Entry & InstallerEntry) | undefined =>
  installerEntry(entries.filter(({ id }) => id === ENTRY_ID)) ?? installerEntry(entries);

const testGrub = (files: MenuFiles, words: readonly string[]): Changed => {
  const changed = new Map<string, string>();
  let title: string | undefined;
  for (const { root, holder } of grubMenus(files)) {
    // No firmware comes there.
    if (isLoopback(root)) continue;
    const entry = chosen(grubEntries(files.get(holder) ?? ''));
    if (entry === undefined) continue;
    title ??= entry.title;
    const text = changed.get(holder) ?? files.get(holder) ?? '';
    changed.set(holder, setGrubArguments(text, entry.id, { installer: words, target: [] }));
    // In `default`, `>` leads into a submenu, and `>>` is the sign itself.
    const lines = [`set default=${grubQuote(entry.id.replaceAll('>', '>>'))}`, 'set timeout=1'];
    changed.set(root, appended(changed.get(root) ?? files.get(root) ?? '', lines));
  }
  return { files: changed, ...(title === undefined ? {} : { title }) };
};

const testSyslinux = (files: MenuFiles, main: string, words: readonly string[]): Changed => {
  const { files: read, entries } = syslinuxMenu(files, main);
  const entry = chosen(entries);
  if (entry === undefined) return NONE;
  const isInterface = (one: Directive): boolean => one.name === 'ui' || (one.name === 'default' && isModule(one));
  const quiet = (directive: Directive): boolean =>
    decidesStart(directive) || (directive.name === 'default' && !isModule(directive));
  const changed = new Map<string, string>();
  let hasInterface = false;
  for (const file of read) {
    const text = files.get(file) ?? '';
    const { directives, entries: own } = parseSyslinux(text);
    hasInterface ||= directives.some(isInterface);
    const nonced = own.some(({ id }) => id === entry.id)
      ? setSyslinuxArguments(text, entry.id, { installer: words, target: [] })
      : text;
    const after = silenced(nonced, quiet);
    if (after !== text) changed.set(file, after);
  }
  const start = hasInterface ? [`ontimeout ${entry.id}`] : [`default ${entry.id}`, 'prompt 0'];
  const lines = [...start, 'timeout 10'];
  changed.set(main, appended(changed.get(main) ?? files.get(main) ?? '', lines));
  return { files: changed, title: entry.title };
};
