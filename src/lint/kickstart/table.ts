/** The table of commands, sections and options in `kickstart/commands.json`, whose sources it names. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../host/project.ts';
import { own } from '../../own.ts';
import type { Lifetime, Releases } from './release.ts';

export interface OptionFacts extends Lifetime {
  /** `optional` may have a value after `=`; `list` is separated by commas; `bool` is on/off, yes/no, true/false, 1/0. */
  readonly type: 'flag' | 'string' | 'int' | 'bool' | 'list' | 'optional';
  readonly choices?: readonly string[];
  /** Choices that only these releases and later ones have. */
  readonly choicesFrom?: Readonly<Record<string, Releases>>;
  readonly anyCase?: boolean;
  readonly required?: boolean;
  /** Required up to these releases. */
  readonly requiredBefore?: Releases;
}

export interface CommandFacts extends Lifetime {
  /** Takes free text that is not checked. */
  readonly free?: boolean;
  /** Least and most number of arguments that are no options; -1 for any number. */
  readonly positional?: readonly [number, number];
  readonly options?: Readonly<Record<string, OptionFacts>>;
  /** At most one of each group. */
  readonly exclusive?: readonly (readonly string[])[];
  /** At least one of each group; `ARGUMENT` stands for one that is no option. */
  readonly oneOf?: readonly (readonly string[])[];
  /** An option that does nothing without another. */
  readonly needs?: Readonly<Record<string, string>>;
  /** What the first argument may be. */
  readonly firstArgument?: readonly string[];
  /** Needs an argument from these releases on. */
  readonly argumentFrom?: Releases;
  /** From these releases on only the word itself is read: a warning, and what follows it is ignored. */
  readonly ignored?: Releases;
  /** What takes its place. */
  readonly instead?: string;
}

export interface AddonFacts extends CommandFacts {
  /** Keys of the lines in the section; absent: they are not looked into. */
  readonly keys?: Readonly<Record<string, KeyFacts>>;
}

interface KeyFacts {
  readonly required?: boolean;
  /** Values of `content-type` with which it is not required. */
  readonly unless?: readonly string[];
  readonly choices?: readonly string[];
}

export interface KickstartTable {
  readonly date: string;
  readonly sources: readonly string[];
  readonly commands: Readonly<Record<string, CommandFacts>>;
  readonly sections: Readonly<Record<string, CommandFacts>>;
  /** By the word after `%addon`; the others are not looked into. */
  readonly addons: Readonly<Record<string, AddonFacts>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The file is the project's own; a test looks at every entry. */
const isTable = (value: unknown): value is KickstartTable =>
  isRecord(value) &&
  [value['commands'], value['sections'], value['addons']].every(
    (part) => isRecord(part) && Object.values(part).every(isRecord),
  );

let loaded: KickstartTable | undefined;

export const kickstartTable = (): KickstartTable => {
  if (loaded) return loaded;
  const value: unknown = JSON.parse(readFileSync(join(projectFolder, 'kickstart', 'commands.json'), 'utf8'));
  if (!isTable(value)) throw new Error('kickstart/commands.json does not have the expected table');
  loaded = value;
  return loaded;
};

/** The facts of a name, not those that every object has. */
export const factsOf = (
  entries: Readonly<Record<string, CommandFacts>> | undefined,
  name: string,
): CommandFacts | undefined => entries && own(entries, name);

export const addonFactsOf = (name: string): AddonFacts | undefined => {
  const { addons } = kickstartTable();
  return own(addons, name);
};
