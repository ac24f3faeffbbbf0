/**
 * systemd-boot's menu: one file for each entry, and one that says which starts (Boot Loader Specification, type 1;
 * loader.conf(5)). It reads them from the file system from which it was started, and so are kernels and initrds.
 */
import { basename, dirname } from 'node:path/posix';
import { ENTRY_ID, type InstallerEntry, installerEntry, type MenuEntry } from './entry.ts';
import { type KernelArguments, setArguments, unattendedArguments } from './menu-arguments.ts';
import { COUNTDOWN_SECONDS, type MenuFiles, type MenuStart, type Unattended } from './unattended.ts';

export interface SystemdEntry extends MenuEntry {
  /** The file in which it stands. */
  readonly file: string;
}

const ENTRY = /^\/loader\/entries\/[^/]+\.conf$/i;
const CONFIG = '/loader/loader.conf';

export const systemdEntries = (files: MenuFiles): readonly SystemdEntry[] =>
  [...files].flatMap(([file, text]) => (ENTRY.test(file) ? [entryOf(file, text)] : [])).sort(byFile);

const byFile = (a: SystemdEntry, b: SystemdEntry): number => (a.file < b.file ? -1 : 1);

interface Line {
  readonly key: string;
  readonly value: string;
}

const linesOf = (text: string): Line[] =>
  text.split('\n').flatMap((line) => {
    const [, key, value = ''] = /^\s*([a-z][a-z-]*)(?:[ \t]+(.*?))?\s*$/i.exec(line) ?? [];
    return key === undefined ? [] : [{ key: key.toLowerCase(), value }];
  });

const entryOf = (file: string, text: string): SystemdEntry => {
  const lines = linesOf(text);
  const all = (key: string): string[] => lines.flatMap((line) => (line.key === key ? [line.value] : []));
  const id = basename(file).replace(/\.conf$/i, '');
  return {
    file,
    id,
    title: all('title').at(-1) ?? id,
    kernel: all('linux').at(-1),
    initrds: all('initrd')
      .flatMap((value) => value.split(/\s+/))
      .filter(Boolean),
    arguments: all('options')
      .flatMap((value) => value.split(/\s+/))
      .filter(Boolean),
  };
};

/** New and changed files; none where no entry starts an installer's kernel. */
export const unattendSystemdBoot = (files: MenuFiles, spec: Unattended): MenuFiles => {
  const base = installerEntry(systemdEntries(files));
  if (base === undefined) return new Map();
  const entry: InstallerEntry = {
    id: ENTRY_ID,
    title: spec.title,
    kernel: base.kernel,
    initrds: [...base.initrds, ...spec.initrds],
    arguments: unattendedArguments(base.arguments, spec.arguments),
  };
  return new Map([
    [`${dirname(base.file)}/${ENTRY_ID}.conf`, entryText(entry)],
    ...startingWith(files, ENTRY_ID, TIMEOUTS[spec.start]),
  ]);
};

const TIMEOUTS: Readonly<Record<MenuStart, string>> = {
  now: '0',
  countdown: String(COUNTDOWN_SECONDS),
  ask: 'menu-force',
};

const entryText = ({ title, kernel, initrds, arguments: words }: InstallerEntry): string =>
  [
    `title   ${title}`,
    `linux   ${kernel}`,
    ...initrds.map((path) => `initrd  ${path}`),
    `options ${words.join(' ')}`,
    '',
  ].join('\n');

/** Until version 248 the default is a name without its ending, since then one with it: the star is right for both. */
const startingWith = (files: MenuFiles, id: string, timeout: string): MenuFiles => {
  const path = [...files.keys()].find((file) => file.toLowerCase() === CONFIG) ?? CONFIG;
  const kept = (files.get(path) ?? '').split('\n').filter((line) => line.trim() !== '' && !DECIDES.test(line));
  return new Map([[path, [...kept, `default ${id}*`, `timeout ${timeout}`, ''].join('\n')]]);
};

/** What decides what starts, and when. */
const DECIDES = /^\s*(default|timeout)([ \t]|$)/i;

/** The entry gets further words, and starts by itself after a second. */
export const startSystemdEntry = (files: MenuFiles, entry: SystemdEntry, set: KernelArguments): MenuFiles => {
  const text = files.get(entry.file) ?? '';
  const others = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*options([ \t]|$)/i.test(line));
  const options = `options ${setArguments(entry.arguments, set).join(' ')}`;
  return new Map([[entry.file, [...others, options, ''].join('\n')], ...startingWith(files, entry.id, '1')]);
};
