/** What a command needs: its environment, the folders in which it is looked for, its words as a shell reads them. */
import { delimiter } from 'node:path';

const PASSED_ON = ['PATH', 'HOME', 'USER', 'TMPDIR', 'XDG_RUNTIME_DIR', 'XDG_CACHE_HOME', 'SOURCE_DATE_EPOCH'];
const PASSED_ON_PATTERN = /^(https?|no|ftp|all)_proxy$/i;

/** The environment every child gets: what it needs to find programs and proxies, and a locale that parses. */
export const minimalEnvironment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const passed = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (PASSED_ON.includes(entry[0]) || PASSED_ON_PATTERN.test(entry[0])),
  );
  return {
    ...Object.fromEntries(passed),
    PATH: commandFolders().join(delimiter),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    ...extra,
  };
};

/** The folders in which commands are looked for: with those that Debian gives only to root, for mkfs.fat, sfdisk, debugfs. */
export const commandFolders = (): string[] => {
  // An empty one would be the current folder.
  const folders = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).filter((one) => one !== '');
  return [...folders, ...['/usr/sbin', '/sbin'].filter((folder) => !folders.includes(folder))];
};

/** Quotes a word for sh, only where it needs it. */
export const shellQuote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

export const commandLine = (file: string, args: readonly string[]): string => [file, ...args].map(shellQuote).join(' ');
