/** Puts the unattended entry into GRUB menus and decides how it starts. */
import { basename, dirname, resolve } from 'node:path/posix';
import { ENTRY_ID, installerEntry } from './entry.ts';
import { type GrubEntry, grubEntries, sourcesOf } from './grub.ts';
import { insertBeforeEntries } from './grub-edit.ts';
import { appended } from './syslinux-edit.ts';
import { COUNTDOWN_SECONDS, type MenuFiles, SERIAL_SPEED, type Unattended } from './unattended.ts';
import { unattendedGrubEntry } from './unattended-grub-entry.ts';

/** The changed files of these menus. */
export const unattendGrub = (files: MenuFiles, spec: Unattended, menus: readonly GrubMenuFiles[]): MenuFiles => {
  const changed = new Map<string, string>();
  const entered = new Set<string>();
  const started = new Set<string>();
  for (const { root, holder } of menus) {
    const text = files.get(holder) ?? '';
    const base = installerEntry(grubEntries(text));
    if (base === undefined) continue;
    // A holder can be read by several menus: it gets one entry.
    if (!entered.has(holder)) {
      const entry = unattendedGrubEntry(text, base, spec);
      changed.set(holder, insertBeforeEntries(changed.get(holder) ?? text, entry));
      entered.add(holder);
    }
    if (started.has(root)) continue;
    started.add(root);
    changed.set(root, appended(changed.get(root) ?? files.get(root) ?? '', startLines(spec)));
  }
  return changed;
};

/** The file where GRUB begins to read a menu, and the one that holds its entries. */
export interface GrubMenuFiles {
  readonly root: string;
  readonly holder: string;
}

/**
 * Every menu by its name: a `grub.cfg` or what stands in its place, or a file that another one goes to with `configfile`;
 * its entries stand in it or in the files that it sources. Whether a firmware comes there, `loaders/` knows.
 */
export const grubMenus = (files: MenuFiles): GrubMenuFiles[] =>
  [...rootsOf(files)].flatMap((root) => {
    const holder = entryHolder(files, root);
    return holder === undefined ? [] : [{ root, holder }];
  });

export const grubMenuEntries = (files: MenuFiles): ReadonlyMap<string, readonly GrubEntry[]> =>
  new Map(grubMenus(files).map(({ holder }) => [holder, grubEntries(files.get(holder) ?? '')]));

/** What another GRUB reads that has the medium as a file on a disk. */
export const isLoopback = (path: string): boolean => basename(path).toLowerCase() === 'loopback.cfg';

/** `BOOT.conf` and its like are copies of the menu for firmware of 32 bits, as lorax lays them out. */
const isMenu = (path: string, text: string): boolean =>
  basename(path).toLowerCase() === 'grub.cfg' ||
  isLoopback(path) ||
  (/^\/EFI\/BOOT\/BOOT\w*\.conf$/i.test(path) && grubEntries(text).length > 0);

const rootsOf = (files: MenuFiles): Set<string> => {
  const named = [...files].flatMap(([path, text]) => (isMenu(path, text) ? [path] : []));
  const targets = [...files].flatMap(([file, text]) =>
    sourcesOf(text)
      .filter(({ kind }) => kind === 'configfile')
      .map(({ path }) => resolved(path, file)),
  );
  return new Set([...named, ...targets.filter((path) => files.has(path))]);
};

/** The file that holds the entries of a menu, unless that is a menu of its own. */
const entryHolder = (files: MenuFiles, root: string): string | undefined => {
  const roots = rootsOf(files);
  const seen = new Set<string>();
  const visit = (file: string): string | undefined => {
    const text = files.get(file);
    if (text === undefined || seen.has(file) || (file !== root && roots.has(file))) return undefined;
    seen.add(file);
    if (installerEntry(grubEntries(text)) !== undefined) return file;
    for (const { kind, path } of sourcesOf(text)) {
      const found = kind === 'source' ? visit(resolved(path, file)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(root);
};

/** A path as GRUB would see it: without its device; `$prefix` is the folder of the menu. */
const resolved = (path: string, from: string): string =>
  resolve(
    dirname(from),
    path
      .replace(/^\([^)]*\)/, '')
      .replace(/^\$\{?prefix\}?/, dirname(from))
      .replace(/^\$\{?cmdpath\}?/, dirname(from)),
  );

/** The last assignment counts, so these lines stand at the end of the menu. */
const startLines = (spec: Unattended): string[] => [
  ...(spec.serial
    ? [`serial --unit=0 --speed=${SERIAL_SPEED}`, 'terminal_input console serial', 'terminal_output console serial']
    : []),
  `set default=${ENTRY_ID}`,
  'set timeout_style=menu',
  `set timeout=${{ now: 0, countdown: COUNTDOWN_SECONDS, ask: -1 }[spec.start]}`,
];
