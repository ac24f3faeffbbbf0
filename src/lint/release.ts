/**
 * For which release a file is linted: the one that was asked for, else what the file says about itself, else the
 * newest that most people install. Several can be asked for, since one call may lint files of several installers:
 * each file takes the one of its own family.
 */
import { IngotError } from '../errors.ts';
import type { Place } from '../formats/text-place.ts';
import { DEBIAN_RELEASES } from '../recipe/values/debian-releases.ts';
import { kickstartRelease, releaseTitle } from './kickstart/release.ts';
import type { Kind } from './kind.ts';
import { lintedDebianRelease } from './preseed/release.ts';
import type { SourceFile } from './source-file.ts';

/** Why it was chosen: the user asked for it, the file names it, it was taken from what the file says, or nothing is known. */
export type Reason = 'asked' | 'stated' | 'guessed' | 'assumed';

export interface LintRelease {
  /** As the linter of its kind reads it. */
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  readonly reason: Reason;
  /** A name in the file that is none of a release that is known here. */
  readonly unknown?: Place & { readonly text: string };
}

interface Family {
  readonly assumed: string;
  /** Undefined when the name is none of this family's. */
  readonly read: (name: string) => string | undefined;
  readonly title: (name: string) => string;
  readonly inFile: (file: SourceFile) => Hint | undefined;
}

/** Something in a file that tells its release, if it is one that is known. */
interface Hint extends Place {
  readonly text: string;
  readonly release: string | undefined;
  /** Its author wrote it down as the release of the file: nothing is guessed. */
  readonly stated: boolean;
}

const readKickstart = (name: string): string | undefined => {
  try {
    return kickstartRelease(name);
  } catch (error) {
    if (error instanceof IngotError) return undefined;
    throw error;
  }
};

const hintAt = (text: string, line: number, column: number, rest: Pick<Hint, 'release' | 'stated'>): Hint => ({
  text,
  line,
  column,
  endColumn: column + text.length,
  ...rest,
});

/** The first match in the lines, as the pattern's first group. */
const find = (lines: readonly string[], pattern: RegExp) => {
  for (const [index, line] of lines.entries()) {
    if (line.length > 4096) continue;
    const match = pattern.exec(line);
    const [, group] = match ?? [];
    if (match && group !== undefined)
      return { text: group, line: index + 1, column: line.indexOf(group, match.index) + 1 };
  }
  return undefined;
};

/** Anaconda writes `#version=RHEL9` at the head of the anaconda-ks.cfg that it leaves, `DEVEL` on Fedora. */
const VERSION = /^#\s*version=\s*(\S.*?)\s*$/i;

/** Where the packages come from, in the paths that the projects' mirrors have. */
const TREES: readonly (readonly [RegExp, string])[] = [
  [/^(?!\s*#).*\bfedora(?:\/linux)?\/(?:releases|development|updates)\/(\d\d)\//i, 'fedora-'],
  [/^(?!\s*#).*[?&]repo=fedora-(\d\d)\b/i, 'fedora-'],
  [/^(?!\s*#).*\b(?:rhel|rocky|almalinux|centos-stream|oraclelinux)[-/]?(?:dist\/rhel)?(8|9|10)(?=[-./]|$)/i, 'rhel-'],
];

const inKickstart = ({ lines }: SourceFile): Hint | undefined => {
  const version = find(lines.slice(0, 50), VERSION);
  if (version) {
    const { text, line, column } = version;
    return hintAt(text, line, column, {
      release: text.toUpperCase() === 'DEVEL' ? 'fedora' : readKickstart(text),
      stated: true,
    });
  }
  const sources = lines.map((line) => (/^\s*(url|repo|nfs|liveimg|ostreesetup)\s/.test(line) ? line : ''));
  for (const [pattern, family] of TREES) {
    const tree = find(sources, pattern);
    const release = tree && readKickstart(`${family}${tree.text}`);
    if (tree && release !== undefined) return hintAt(tree.text, tree.line, tree.column, { release, stated: false });
  }
  return undefined;
};

const SUITE = /^\s*d-i\s+mirror\/suite\s+(?:string|select)\s+(\S+)/;
/** The head of the installation guide's example has it. */
const HEADING = /^#.*preconfiguration file \(for (\w+)\)/i;

const inPreseed = ({ lines }: SourceFile): Hint | undefined => {
  for (const pattern of [SUITE, HEADING]) {
    const found = find(lines, pattern);
    const release = found && lintedDebianRelease(found.text);
    if (found && release !== undefined) return hintAt(found.text, found.line, found.column, { release, stated: false });
  }
  return undefined;
};

const FAMILIES: Readonly<Record<Kind, Family>> = {
  kickstart: {
    assumed: 'rhel-9',
    read: readKickstart,
    title: (name) => releaseTitle(kickstartRelease(name)),
    inFile: inKickstart,
  },
  preseed: {
    assumed: '12',
    read: lintedDebianRelease,
    title: (name) => `Debian ${name} (${DEBIAN_RELEASES[name] ?? ''})`,
    inFile: inPreseed,
  },
};

/** Names divided by commas. Throws `usage.release` when one is of no family. */
export const readReleases = (asked: string | undefined): readonly string[] => {
  const names = (asked ?? '').split(',').flatMap((name) => name.trim() || []);
  const unknown = names.find((name) => !Object.values(FAMILIES).some(({ read }) => read(name) !== undefined));
  if (unknown === undefined && (names.length > 0 || asked === undefined)) return names;
  throw new IngotError('usage.release', `no release is known by the name ${JSON.stringify(unknown ?? asked)}`, {
    hint: `For preseed ${Object.keys(DEBIAN_RELEASES)
      .map((number) => `debian-${number}`)
      .join(
        ', ',
      )}; for kickstart rhel-8, rhel-9, rhel-10, fedora, fedora-34 and later. Or give the installer with --iso.`,
  });
};

/** `asked` is what `--release` says: one name, or several with commas between them. */
export const releaseOf = (file: SourceFile, kind: Kind, asked: string | undefined): LintRelease => {
  const { assumed, read, title, inFile } = FAMILIES[kind];
  const release = (name: string, reason: Reason): LintRelease => ({ name, title: title(name), reason });
  const wanted = readReleases(asked).flatMap((name) => read(name) ?? [])[0];
  if (wanted !== undefined) return release(wanted, 'asked');
  const hint = inFile(file);
  if (hint?.release !== undefined) return release(hint.release, hint.stated ? 'stated' : 'guessed');
  return { ...release(assumed, 'assumed'), ...(hint && { unknown: hint }) };
};
