/** What the content of a file is held against, in forms that several rules share. Each says why it is not so, or nothing. */
import type { FileNode } from '../../../capture/file-tree.ts';
import type { DebianFacts } from './facts.ts';

export type Check = (file: FileNode, facts: DebianFacts) => Promise<string | undefined> | string | undefined;

/** The same bytes as a file of a signed package. */
export const copyOf =
  (source: string | ((path: string) => string | readonly string[])): Check =>
  (file, { signed, digest }) => {
    const named = typeof source === 'string' ? source : source(file.path);
    const sources = typeof named === 'string' ? [named] : named;
    const known = sources.flatMap((path) => signed(path) ?? []);
    if (known.length === 0) return `no signed package has ${sources.join(' or ')}`;
    return known.some((one) => one.size === file.size && one.sha256 === digest(file))
      ? undefined
      : `it is not the same as ${sources.join(' or ')} of ${known[0]?.package}`;
  };

export const empty: Check = ({ size }) => (size === 0 ? undefined : 'it is not empty');

/** The whole text. */
export const reads =
  (pattern: RegExp): Check =>
  async ({ path }, { text }) =>
    pattern.test(await text(path)) ? undefined : 'its text is not what is written there';

/** Every line that says something: comments begin with `#`. */
export const eachLine =
  (isKnown: (line: string, facts: DebianFacts) => boolean | Promise<boolean>, comment = /^\s*(#|$)/): Check =>
  async ({ path }, facts) => {
    for (const line of (await facts.text(path)).split('\n'))
      if (!comment.test(line) && !(await isKnown(line, facts))) return `nothing accounts for its line "${shown(line)}"`;
    return undefined;
  };

const LONGEST_SHOWN = 80;
/** Lines of foreign files: no control characters go to a terminal. */
export const shown = (line: string): string => line.slice(0, LONGEST_SHOWN).replaceAll(/[^\x20-\x7e]/g, '?');

/** Its text stands in the maintainer scripts of a package, line by line: they are signed. */
export const scriptedBy =
  (...packages: readonly string[]): Check =>
  (file, facts) => {
    const texts = packages.flatMap((name) => facts.scripts.get(name) ?? []);
    return eachLine((line) => texts.some((text) => text.includes(line.trim())), /^\s*$/)(file, facts);
  };

/** A link to one of these. */
export const leadsTo =
  (...targets: readonly string[]): Check =>
  ({ target = '' }) =>
    targets.includes(target) ? undefined : `it leads to ${target}`;

/** A link to a file of a package. */
export const leadsToVerified: Check = ({ path, target = '' }, { isOfPackage }) =>
  isOfPackage(path) ? undefined : `${target} is no file that a package vouches for`;

/** A check, and another one. */
export const both =
  (...checks: readonly Check[]): Check =>
  async (file, facts) => {
    for (const check of checks) {
      const why = await check(file, facts);
      if (why !== undefined) return why;
    }
    return undefined;
  };

/** Folders hold nothing themselves; where a script makes one, its name stands in the script. */
export const namedBy =
  (...packages: readonly string[]): Check =>
  ({ path }, { scripts }) => {
    const name = path.slice(1).replace(/^.*\//, '');
    return packages.some((one) => scripts.get(one)?.includes(name))
      ? undefined
      : `no script of ${packages.join(', ')} makes it`;
  };
