/** What sudo's configuration says (sudoers(5)), line by line, with what it includes. */
import { posix } from 'node:path';
import type { GuestFiles } from '../capture/guest-files.ts';

export interface SudoLine {
  readonly file: string;
  /** Continued lines are one, and comments are gone. */
  readonly rule: string;
}

const USUAL = ['/etc/sudoers', '/etc/sudoers.d'];
const MOST_FILES = 200;

export const sudoLines = async (files: GuestFiles): Promise<SudoLine[]> => {
  const found: SudoLine[] = [];
  const seen = new Set<string>();
  const queue = [...USUAL];
  for (let path = queue.shift(); path !== undefined && seen.size < MOST_FILES; path = queue.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if ((await files.find(path))?.entry.type === 'folder') {
      queue.unshift(...(await namesIn(files, path)));
      continue;
    }
    for (const line of linesOf((await files.text(path)) ?? '')) {
      const [, included] = /^[@#]include(?:dir)?\s+(.+)$/.exec(line) ?? [];
      if (included === undefined) found.push({ file: path, rule: line.replaceAll(/\s+/g, ' ') });
      else queue.push(posix.resolve(posix.dirname(path), included.replaceAll('"', '').trim()));
    }
  }
  return found;
};

/** sudo passes over names with a dot, and those that end in `~`. */
const namesIn = async (files: GuestFiles, folder: string): Promise<string[]> =>
  (await files.list(folder))
    .map(({ name }) => name)
    .filter((name) => !/[.~]/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

const linesOf = (text: string): string[] =>
  text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\s*#(?!include).*$/, '').trim())
    .filter((line) => line !== '');

/** Who may do what; settings (`Defaults`) and names of lists are none. */
export const isSudoRule = ({ rule }: SudoLine): boolean =>
  !/^(Defaults\b|(User|Runas|Host|Cmnd|Cmd)_Alias\b)/.test(rule);
