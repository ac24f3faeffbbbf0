/**
 * Follows ISOLINUX from the file that it reads first to the menus that somebody sees: CONFIG hands over to another file
 * (with APPEND as the folder from which it counts), programs choose between labels by where they were started from or by
 * the processor (SYSLINUX 6: com32/elflink/ldlinux/execute.c, com32/modules/whichsys.c, ifcpu.c, ifcpu64.c, config.c).
 */
import { basename, resolve } from 'node:path/posix';
import { type Directive, parseSyslinux, type SyslinuxEntry } from '../menus/syslinux.ts';
import { syslinuxMenu } from '../menus/unattend-syslinux.ts';
import type { MenuFiles, SyslinuxRoot } from '../menus/unattended.ts';

export interface IsolinuxRun {
  readonly menus: readonly SyslinuxRoot[];
  /** Why a way that it may go ends without a menu, in words. */
  readonly problems: readonly string[];
}

export const followIsolinux = (files: MenuFiles, first: SyslinuxRoot): IsolinuxRun => {
  const menus = new Map<string, SyslinuxRoot>();
  const problems = new Set<string>();
  const seen = new Set<string>();
  const visit = (root: SyslinuxRoot): void => {
    const key = `${root.main}\n${root.folder}`;
    if (seen.has(key)) {
      problems.add(`${root.main} comes back to itself`);
      return;
    }
    seen.add(key);
    for (const step of stepsOf(files, root)) {
      if (step.kind === 'menu') menus.set(step.root.main, step.root);
      else if (step.kind === 'problem') problems.add(step.why);
      else visit(step.root);
    }
    seen.delete(key);
  };
  visit(first);
  return { menus: [...menus.values()], problems: [...problems] };
};

type Step =
  | { readonly kind: 'menu' | 'config'; readonly root: SyslinuxRoot }
  | { readonly kind: 'problem'; readonly why: string };

/** Modules that show what the configuration has, or the files that they are given. */
const INTERFACE = /^(vesa|c)?menu\.c32$/i;
/** Files with more than one name, as SYSLINUX compares them. */
const findPath = (files: MenuFiles, wanted: string): string | undefined =>
  files.has(wanted) ? wanted : [...files.keys()].find((path) => path.toLowerCase() === wanted.toLowerCase());

const stepsOf = (files: MenuFiles, root: SyslinuxRoot): readonly Step[] => {
  const { directives, entries } = syslinuxMenu(files, root);
  const value = (name: string): string | undefined => directives.findLast((one) => one.name === name)?.value.trim();
  const ui = value('ui');
  const prompt = Number(value('prompt') ?? 0);
  const start = ui ?? value('default');
  if (start === undefined || (ui === undefined && prompt > 0 && !isModule(start))) return [{ kind: 'menu', root }];
  return run(files, root, entries, start, 0);
};

const isModule = (command: string): boolean => /\.(c32|com)$/i.test(command.split(/\s+/)[0] ?? '');

const LONGEST = 8;

/** A label, or a command as one would type it. */
const run = (
  files: MenuFiles,
  root: SyslinuxRoot,
  entries: readonly SyslinuxEntry[],
  command: string,
  depth: number,
): readonly Step[] => {
  const [word = '', ...rest] = command.trim().split(/\s+/);
  const entry = entries.find(({ id }) => id.toLowerCase() === word.toLowerCase());
  if (depth > LONGEST) return [{ kind: 'problem', why: `${root.main}: "${word}" comes back to itself` }];
  if (entry !== undefined) return runEntry(files, root, entries, entry, rest, depth);
  const module = basename(word).toLowerCase();
  if (!isModule(word)) return [{ kind: 'menu', root }];
  return runModule(files, root, entries, module, rest, depth);
};

const runEntry = (
  files: MenuFiles,
  root: SyslinuxRoot,
  entries: readonly SyslinuxEntry[],
  entry: SyslinuxEntry,
  rest: readonly string[],
  depth: number,
): readonly Step[] => {
  const { start, append } = ownDirectives(files, root, entry);
  const words = [...(append === undefined || append === '-' ? [] : append.split(/\s+/)), ...rest].filter(Boolean);
  if (start?.name === 'config') {
    const [file = '', ...inline] = start.value.trim().split(/\s+/);
    return [handOver(files, root, file, [...inline, ...words][0])];
  }
  const [program = '', ...own] = start?.value.trim().split(/\s+/) ?? [];
  const isProgram = start !== undefined && (start.name === 'com32' || isModule(program));
  if (!isProgram) return [{ kind: 'menu', root }];
  return runModule(files, root, entries, basename(program).toLowerCase(), [...own, ...words], depth);
};

const ownDirectives = (
  files: MenuFiles,
  root: SyslinuxRoot,
  entry: SyslinuxEntry,
): { readonly start: Directive | undefined; readonly append: string | undefined } => {
  for (const file of syslinuxMenu(files, root).files) {
    const { directives, entries } = parseSyslinux(files.get(file) ?? '');
    const at = entries.findIndex((one) => one.id === entry.id && one.line === entry.line);
    if (at < 0) continue;
    const end = entries[at + 1]?.line ?? Number.POSITIVE_INFINITY;
    const own = directives.filter(({ line }) => line >= entry.line && line < end);
    return {
      start: own.findLast(({ name }) => STARTS.includes(name)),
      append: own.findLast(({ name }) => name === 'append')?.value.trim(),
    };
  }
  return { start: undefined, append: undefined };
};

const STARTS = ['kernel', 'linux', 'com32', 'config', 'boot', 'bss', 'pxe', 'localboot'];

const handOver = (files: MenuFiles, root: SyslinuxRoot, file: string, folder: string | undefined): Step => {
  const main = findPath(files, resolve(root.folder, file));
  if (main === undefined) return { kind: 'problem', why: `${root.main} goes on with ${file}, which is not there` };
  return { kind: 'config', root: { main, folder: folder === undefined ? root.folder : resolve(root.folder, folder) } };
};

const runModule = (
  files: MenuFiles,
  root: SyslinuxRoot,
  entries: readonly SyslinuxEntry[],
  module: string,
  words: readonly string[],
  depth: number,
): readonly Step[] => {
  const go = (commands: readonly string[]): readonly Step[] =>
    commands.flatMap((command) => run(files, root, entries, command, depth + 1));
  if (INTERFACE.test(module)) {
    const file = words.find((word) => !word.startsWith('-') && word !== '~');
    if (file === undefined) return [{ kind: 'menu', root }];
    const main = findPath(files, resolve(root.folder, file));
    return main === undefined
      ? [{ kind: 'problem', why: `${root.main} has a menu in ${file}, which is not there` }]
      : [{ kind: 'menu', root: { main, folder: root.folder, isShown: true } }];
  }
  // These show the medium's own menu too, in a list that is made from its labels.
  if (/^(gfxboot|hdt)\.(c32|com)$/.test(module)) return [{ kind: 'menu', root }];
  if (module === 'config.c32') {
    const [file = '', folder] = words;
    return [handOver(files, root, file, folder)];
  }
  if (module === 'whichsys.c32') {
    const chosen = words.indexOf('-iso-');
    const end = words.findIndex((word, index) => index > chosen && /^-(iso|sys|pxe)-$/.test(word));
    const command = chosen < 0 ? '' : words.slice(chosen + 1, end < 0 ? undefined : end).join(' ');
    return command === ''
      ? [{ kind: 'problem', why: `${root.main} starts nothing for ISOLINUX by whichsys.c32` }]
      : go([command]);
  }
  // After an optional list of what the processor has to have: one command for yes, one for no.
  if (/^ifcpu(64)?\.c32$/.test(module)) {
    const parts = words
      .join(' ')
      .split(/(?:^| )--(?: |$)/)
      .map((part) => part.trim())
      .filter(Boolean);
    return go(module === 'ifcpu.c32' ? parts.slice(1) : parts);
  }
  return [{ kind: 'problem', why: `${root.main} starts ${module}, which is not followed` }];
};
