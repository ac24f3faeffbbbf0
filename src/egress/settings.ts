/** What a system's files of configuration say of one setting. */
import { glob } from '../capture/glob.ts';
import type { GuestFiles } from '../capture/guest-files.ts';
import type { Setting } from './catalogue/entry.ts';

export interface SettingFound {
  readonly value: string;
  /** Undefined: no file says it, and the program's usual default counts. */
  readonly file: string | undefined;
}

/** The last file that says it counts, and in it the last line. */
export const settingIn = async (files: GuestFiles, setting: Setting): Promise<SettingFound> => {
  let found: SettingFound = { value: setting.standard, file: undefined };
  for (const pattern of setting.files) {
    for (const file of await glob(files, pattern)) {
      if (setting.syntax === 'present') return { value: 'present', file };
      const value = valueIn((await files.text(file)) ?? '', setting);
      if (value !== undefined) found = { value, file };
    }
  }
  return found.file === undefined ? ((await compiledIn(files, setting)) ?? found) : found;
};

const compiledIn = async (files: GuestFiles, { compiledIn: other }: Setting): Promise<SettingFound | undefined> => {
  for (const file of other?.files ?? []) {
    if (other !== undefined && (await files.read(file))?.includes(other.text)) return { value: other.value, file };
  }
  return undefined;
};

export const isOff = ({ off }: Setting, value: string): boolean => {
  const plain = (text: string) => text.toLowerCase().replaceAll(/\s/g, '');
  return off.some((one) => plain(one) === plain(value));
};

/** Undefined when it does not say it. */
export const valueIn = (text: string, { syntax, key, section }: Setting): string | undefined => {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const line = LINES[syntax](name);
  let here: string | undefined;
  let value: string | undefined;
  for (const one of text.split('\n')) {
    here = /^\s*\[(.*)\]\s*$/.exec(one)?.[1] ?? here;
    if (section !== undefined && here?.toLowerCase() !== section.toLowerCase()) continue;
    value = line.exec(one)?.[1] ?? value;
  }
  return value?.trim().replace(/^(["'])(.*)\1$/, '$2');
};

/** Comments begin with a character that no name has. */
const LINES: Readonly<Record<Setting['syntax'], (name: string) => RegExp>> = {
  ini: (name) => new RegExp(`^\\s*${name}\\s*=\\s*(.*)$`, 'i'),
  shell: (name) => new RegExp(`^\\s*(?:export\\s+)?${name}=([^#]*)`),
  apt: (name) => new RegExp(`^\\s*${name}\\s+"?([^";]*)"?\\s*;`, 'i'),
  yaml: (name) => new RegExp(`^${name}\\s*:\\s*([^#]*)`),
  words: (name) => new RegExp(`^\\s*${name}\\s+([^#;]*)`, 'i'),
  forwarding: () => /^[^#]*?(?:\s@{1,2}|\btarget=")((?:\([^)]*\))?[\w.:[\]-]+)/i,
  present: () => /(?!)/,
};
