/** The names of languages and keyboards in `kickstart/names.json`, whose sources it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../host/project.ts';

export interface KickstartNames {
  /** Without encodings: `de_DE`, `ca_ES@valencia`. */
  readonly locales: readonly string[];
  /** X layouts with their variants. */
  readonly layouts: Readonly<Record<string, readonly string[]>>;
  /** Those of the console, in addition to the ones that the X layouts have there. */
  readonly keymaps: readonly string[];
}

/** The file is the project's own; a test looks at every entry. */
const isNames = (value: unknown): value is KickstartNames =>
  typeof value === 'object' && value !== null && 'locales' in value && 'layouts' in value && 'keymaps' in value;

let loaded: KickstartNames | undefined;

export const kickstartNames = (): KickstartNames => {
  if (loaded) return loaded;
  const value: unknown = JSON.parse(readFileSync(join(projectFolder, 'kickstart', 'names.json'), 'utf8'));
  if (!isNames(value)) throw new Error('kickstart/names.json does not have the expected lists');
  loaded = value;
  return loaded;
};

/** A layout of X is there on the console as well: `us`, `de-nodeadkeys`. */
export const consoleKeymaps = (): readonly string[] => {
  const { layouts, keymaps } = kickstartNames();
  const ofX = Object.entries(layouts).flatMap(([name, variants]) => [name, ...variants.map((one) => `${name}-${one}`)]);
  return [...keymaps, ...ofX];
};
