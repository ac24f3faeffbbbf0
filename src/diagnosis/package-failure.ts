/**
 * A package whose script failed: dpkg, apt, debootstrap, rpm and dnf report it among hundreds of lines, go on with
 * the other packages, and at the end only list what was left undone. The first one is the reason for the others.
 */

import { IngotError } from '../errors.ts';

export interface PackageFailure {
  readonly package: string;
  /** `post-installation script`, `%post scriptlet`. */
  readonly script: string;
  /** `ended with exit status 75`. */
  readonly how: string;
  /** The script's last words; the most telling one comes last. */
  readonly words: readonly string[];
  /** As they were written: the words, and the lines that tell of the failure. */
  readonly lines: readonly string[];
}

/** A line that ends a run in which a package failed: without one among the last lines, others went on from it. */
const SIGN =
  /Errors were encountered while processing|dpkg returned an error code|error processing (?:package|archive)|preinst script of \S+ failed|scriptlet failed|\w+ scriptlet in rpm package/;

/** The tag of a program that writes for others into a log, with or without the time before it. */
const TAG =
  /^(?:\w{3} [ \d]\d [\d:]{8} [\w./-]+(?:\[\d+\])?: |(?:in-target|debootstrap|log-output|ingot|apt-install|base-installer|pkgsel): )/;

const WORDS = 8;
const untagged = (line: string): string => line.replace(TAG, '');
const tagOf = (line: string): string => (TAG.exec(line)?.[0] ?? '').replace(/^\w{3} [ \d]\d [\d:]{8} /, '');

/** `lines` are all that are known, `last` those in which it has to appear. */
export const packageFailure = (
  lines: readonly string[],
  last: readonly string[] = lines,
): PackageFailure | undefined => {
  if (!last.some((line) => SIGN.test(line))) return undefined;
  for (const [at, line] of lines.entries()) {
    const tag = tagOf(line);
    const before = lines.slice(0, at).filter((other) => tagOf(other) === tag);
    const after = lines.slice(at + 1, at + 6).filter((other) => tagOf(other) === tag);
    const found =
      ofDpkg(untagged(line), untagged(after[0] ?? '')) ?? ofPreinst(untagged(line)) ?? ofRpm(untagged(line));
    if (found === undefined) continue;
    const { next, ...failure } = found;
    const said = saidBy(found.package, before);
    return { ...failure, words: said.map(untagged), lines: [...said, line, ...(next ? after.slice(0, 1) : [])] };
  }
  return undefined;
};

interface Found {
  readonly package: string;
  readonly script: string;
  readonly how: string;
  /** Whether the next line belongs to it. */
  readonly next: boolean;
}

/** Two lines; where the second speaks of other packages, this one only waits for them. */
const ofDpkg = (line: string, next: string): Found | undefined => {
  const name = /^dpkg: error processing (?:package|archive) (\S+) \(--/.exec(line)?.[1];
  if (name === undefined || /dependency problems/.test(next)) return undefined;
  const [, kind, how] =
    /(\S+ script|script) subprocess (?:returned error |was )?(exit status \d+|killed by signal \([^)]*\)[^,]*)/.exec(
      next,
    ) ?? [];
  if (kind === undefined || how === undefined)
    return next === '' ? { package: nameOf(name), script: 'script', how: 'failed', next: false } : undefined;
  return {
    package: nameOf(name),
    script: kind,
    how: how.startsWith('exit') ? `ended with ${how}` : `was ${how}`,
    next: true,
  };
};

/** `postfix`, also of `/var/cache/apt/archives/postfix_3.7_amd64.deb` and `libx:amd64`. */
const nameOf = (name: string): string => name.replace(/^.*\//, '').replace(/[_:].*$/, '');

/** Of Ingot's own debootstrap script, which runs them itself. */
const ofPreinst = (line: string): Found | undefined => {
  const name = /The preinst script of (\S+) failed/.exec(line)?.[1];
  return name === undefined
    ? undefined
    : { package: name, script: 'pre-installation script', how: 'failed', next: false };
};

const ofRpm = (line: string): Found | undefined => {
  const [, kind, name, status] =
    /%(pre|post|preun|postun|pretrans|posttrans|triggerin)\w*\((\S+?)\) scriptlet failed, (exit status \d+|signal \d+)/.exec(
      line,
    ) ?? [];
  if (kind !== undefined && name !== undefined)
    return {
      package: name.replace(/-[^-]+-[^-]+$/, ''),
      script: `%${kind} scriptlet`,
      how: `ended with ${status}`,
      next: false,
    };
  const [, which, of] = /Error in (\w+|<unknown>) scriptlet in rpm package (\S+)/.exec(line) ?? [];
  return of === undefined ? undefined : { package: of, script: `${which} scriptlet`, how: 'failed', next: false };
};

const TURN =
  /^(?:(?:Setting up|Unpacking|Removing|Selecting previously unselected package) (\S+)|Preparing to unpack \S*?([^/\s]+?)_\S* |Processing triggers for (\S+))/;
const RPM_TURN = /^\s*(?:Running scriptlet|Installing|Upgrading|Erasing|Cleanup)\s*: (\S+)/;

/** Which package's turn it is from this line on; `3-postfix` in the path of an archive is postfix. */
const turnOf = (line: string): string | undefined => {
  const [, one, two, three] = TURN.exec(untagged(line)) ?? RPM_TURN.exec(untagged(line)) ?? [];
  return (one ?? two ?? three)?.replace(/^\d+-/, '').replace(/:.*$/, '');
};

/**
 * The lines between the start of the package's turn and the next one's: dpkg's own errors come by another way
 * than its progress, and later.
 */
const saidBy = (name: string, before: readonly string[]): string[] => {
  const own = before.findLastIndex((line) => {
    const turn = turnOf(line);
    return turn === name || turn?.startsWith(`${name}-`);
  });
  const start = own >= 0 ? own : before.findLastIndex((line) => turnOf(line) !== undefined);
  const rest = before.slice(start + 1);
  const end = rest.findIndex((line) => turnOf(line) !== undefined);
  return rest
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => untagged(line).trim() !== '' && !/^\(Reading database|^Errors were/.test(untagged(line)))
    .slice(-WORDS);
};

/** `postfix, whose post-installation script ended with exit status 75 (“newaliases: fatal: …”)`. */
export const toldOf = ({ package: name, script, how, words }: PackageFailure): string => {
  const last = words.at(-1)?.trim();
  return `${name}, whose ${script} ${how}${last ? ` (“${last}”)` : ''}`;
};

/** Of a step: `what` says how it ended. */
export const packageFailed = (what: string, failure: PackageFailure, where: string | undefined): IngotError =>
  new IngotError('packages.script', `a package could not be set up: ${toldOf(failure)}; ${what}`, {
    where,
    detail: failure.lines.join('\n'),
    hint: PACKAGE_HINT,
  });

export const PACKAGE_HINT =
  'Give the script what it lacks: an answer (debconf-set-selections), a file, a running service. In a configure step (`apt-get install`; `origin.packages` puts the package on the medium) you can prepare all three first.';
