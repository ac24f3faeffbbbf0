/** Puts the unattended entry into an ISOLINUX menu and decides how it starts. */
import { resolve } from 'node:path/posix';
import { ENTRY_ID, type InstallerEntry, installerEntry } from './entry.ts';
import { unattendedArguments } from './menu-arguments.ts';
import { type Directive, includesOf, parseSyslinux, type SyslinuxEntry } from './syslinux.ts';
import { appended, insertAtLine, silenced, syslinuxEntry } from './syslinux-edit.ts';
import { COUNTDOWN_SECONDS, type MenuFiles, SERIAL_SPEED, type SyslinuxRoot, type Unattended } from './unattended.ts';

/** The directives that decide about an automatic start; only Ingot's may remain. */
const START = ['timeout', 'totaltimeout', 'ontimeout', 'prompt', 'menu default', 'menu autoboot'];
const HIDING = ['menu hidden', 'menu shiftkey', 'menu immediate'];

/** Whether a directive decides when something starts by itself, or hides the menu meanwhile. */
export const decidesStart = ({ name }: Directive): boolean => START.includes(name) || HIDING.includes(name);

/**
 * The changed files of a menu; none when it starts no installer. `hasModule` says whether
 * a module lies next to the boot loader, for a menu that has no user interface yet; `done` are files that another menu has too,
 * and that are changed already.
 */
export const unattendSyslinux = (
  files: MenuFiles,
  root: SyslinuxRoot,
  spec: Unattended,
  hasModule: (name: string) => boolean,
  done: ReadonlySet<string> = new Set(),
): MenuFiles => {
  const { main } = root;
  const read = readInOrder(files, root);
  const base = installerEntry(read.entries);
  const first = read.first;
  if (base === undefined || first === undefined) return new Map();
  const own = spec.start === 'now' ? 'direct' : userInterface(read.directives, hasModule);
  const mode = root.isShown ? 'present' : own;
  const quiet = (directive: Directive): boolean =>
    decidesStart(directive) ||
    (directive.name === 'ui' && (mode === 'direct' || !isInterface(directive))) ||
    (directive.name === 'default' && !(mode !== 'direct' && isInterface(directive))) ||
    (directive.name === 'serial' && spec.serial);

  const changed = new Map<string, string>();
  for (const file of read.files) {
    let text = files.get(file) ?? '';
    const inserted = file === first.file ? syslinuxEntry(entryFor(base, spec), true) : undefined;
    // The entry goes in first: silencing keeps the number of lines, and its own lines must not be silenced.
    if (!done.has(file)) text = silenced(text, quiet);
    if (inserted !== undefined && !done.has(file)) text = insertAtLine(text, first.line, inserted);
    if (file === main) text = withStart(text, spec, mode);
    if (text !== files.get(file)) changed.set(file, text);
  }
  return changed;
};

const entryFor = (base: InstallerEntry, spec: Unattended): InstallerEntry => ({
  id: ENTRY_ID,
  title: spec.title,
  kernel: base.kernel,
  initrds: [...base.initrds, ...spec.initrds],
  arguments: unattendedArguments(base.arguments, spec.arguments),
});

/** `direct`: no menu. `present`: the medium has its own. Otherwise the module to show one with, or a plain prompt. */
type Interface = 'direct' | 'present' | 'menu.c32' | 'prompt';

/** Whether it shows a menu: some programs only choose between labels. */
export const isInterface = ({ name, value }: Directive): boolean => {
  const [program = ''] = value.split(/\s+/);
  const isProgram = name === 'ui' || (name === 'default' && /\.c32\b/i.test(program));
  return isProgram && !/^(.*\/)?(whichsys|ifcpu(64)?|config)\.c32$/i.test(program);
};

const userInterface = (directives: readonly Directive[], hasModule: (name: string) => boolean): Interface => {
  if (directives.some(isInterface)) return 'present';
  return hasModule('menu.c32') && hasModule('libutil.c32') ? 'menu.c32' : 'prompt';
};

const withStart = (text: string, spec: Unattended, mode: Interface): string => {
  // A menu that is shown anyway can only start at once this way; 0 would mean never.
  const now = mode === 'direct' ? 0 : 1;
  const tenths = { now, countdown: COUNTDOWN_SECONDS * 10, ask: 0 }[spec.start];
  const usesDefaultAsInterface = parseSyslinux(text).directives.some(
    (one) => one.name === 'default' && isInterface(one),
  );
  const lines = [
    ...(mode === 'menu.c32' ? ['ui menu.c32'] : []),
    ...(usesDefaultAsInterface ? [] : [`default ${ENTRY_ID}`]),
    ...(mode === 'prompt' ? [`say Press Enter to start: ${spec.title}`, 'prompt 1'] : ['prompt 0']),
    `timeout ${tenths}`,
  ];
  // SERIAL has to be the first directive of the file.
  return `${spec.serial ? `serial 0 ${SERIAL_SPEED}\n` : ''}${appended(text, lines)}`;
};

interface Reading {
  readonly files: readonly string[];
  readonly directives: readonly Directive[];
  readonly entries: readonly SyslinuxEntry[];
  /** Where the first entry or submenu stands, in the order of reading. */
  readonly first: { readonly file: string; readonly line: number } | undefined;
}

/** Reads a file and, at their places, those that it includes; paths start at the folder of the menu. */
const readInOrder = (files: MenuFiles, { main, folder }: SyslinuxRoot): Reading => {
  const seen = new Set<string>();
  const directives: Directive[] = [];
  const entries: SyslinuxEntry[] = [];
  let first: Reading['first'];
  const visit = (file: string): void => {
    const text = files.get(file);
    if (text === undefined || seen.has(file)) return;
    seen.add(file);
    const menu = parseSyslinux(text);
    const includes = new Map(includesOf(menu.directives).map(({ line, path }) => [line, path]));
    for (const directive of menu.directives) {
      directives.push(directive);
      if (directive.name === 'label' || directive.name === 'menu begin') first ??= { file, line: directive.line };
      entries.push(...menu.entries.filter(({ line }) => directive.name === 'label' && line === directive.line));
      const included = includes.get(directive.line);
      if (included !== undefined) visit(resolve(folder, included));
    }
  };
  visit(main);
  return { files: [...seen], directives, entries, first };
};

/** The files of a menu as they are read, and all directives and entries in them. */
export const syslinuxMenu = (files: MenuFiles, root: SyslinuxRoot): Pick<Reading, 'files' | 'directives' | 'entries'> =>
  readInOrder(files, root);

/** All entries of a menu, in the order in which they are shown. */
export const syslinuxEntries = (files: MenuFiles, root: SyslinuxRoot): readonly SyslinuxEntry[] =>
  readInOrder(files, root).entries;
