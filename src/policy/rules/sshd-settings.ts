/**
 * What sshd does, as its configuration says it: the first value of a keyword counts, files that are included stand where the line is,
 * and what is in a Match block counts before the rest where the block fits (sshd_config(5), OpenSSH 9).
 */
import { posix } from 'node:path';
import { glob } from '../../capture/glob.ts';
import type { Subject } from '../../inspect/subject.ts';
import { matchesName } from '../../patterns.ts';

export interface SshdValue {
  readonly value: string;
  /** Where it stands; absent for what sshd does by itself. */
  readonly at?: { readonly path: string; readonly line: number } | undefined;
}

/** A value that counts for those alone whom a Match block is for. */
export interface ForSome extends SshdValue {
  readonly keyword: string;
  /** `User x`; of blocks within blocks all. */
  readonly match: string;
}

export interface SshdSettings {
  /** For whom no other block is, by keyword in lower case. */
  readonly forAll: ReadonlyMap<string, SshdValue>;
  readonly forSome: readonly ForSome[];
}

export const sshdSettings = async (files: Subject['files']): Promise<SshdSettings> => {
  const said: Said = { first: new Map(), matched: new Map(), forSome: [] };
  await read(files, '/etc/ssh/sshd_config', said, { inside: [], depth: 0 });
  const own = DEFAULTS.map(([keyword, value]) => [keyword, { value }] as const);
  return { forAll: new Map<string, SshdValue>([...own, ...said.first, ...said.matched]), forSome: said.forSome };
};

interface Said {
  readonly first: Map<string, SshdValue>;
  /** What blocks say that everybody fits: it counts before the rest. */
  readonly matched: Map<string, SshdValue>;
  readonly forSome: ForSome[];
}

interface Place {
  /** What the blocks around it ask for; empty outside of all. */
  readonly inside: readonly string[];
  readonly depth: number;
}

/** sshd itself allows 16. */
const DEEPEST = 16;
/** Whoever it is, and from wherever: `Match all`, `Match User *`. */
const EVERYBODY = /^(?:all|(?:(?:user|group|host|address|localaddress)(?:\s+|\s*=\s*)"?\*"?\s*)+)$/i;

/** A block ends with its file, where it is in one that is included. */
const read = async (files: Subject['files'], path: string, said: Said, { inside, depth }: Place): Promise<void> => {
  let blocks = inside;
  for (const [nth, line] of ((await files.text(path)) ?? '').split('\n').entries()) {
    const [, key = '', rest = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line.replace(/^\s*#.*/, '')) ?? [];
    const keyword = key.toLowerCase();
    const value = rest.replace(/\s+#.*$/, '');
    if (keyword === '') continue;
    if (keyword === 'match') {
      blocks = [...inside, value];
    } else if (keyword === 'include') {
      if (depth >= DEEPEST) continue;
      for (const pattern of value.split(/\s+/)) {
        const absolute = posix.resolve('/etc/ssh', pattern.replaceAll('"', ''));
        for (const one of await glob(files, absolute))
          await read(files, one, said, { inside: blocks, depth: depth + 1 });
      }
    } else take(said, keyword, { value: value.replaceAll('"', ''), at: { path, line: nth + 1 } }, blocks);
  }
};

/** What a block for everybody has said before counts for those of a later block as well. */
const take = (
  { first, matched, forSome }: Said,
  keyword: string,
  found: SshdValue,
  blocks: readonly string[],
): void => {
  const narrow = blocks.filter((one) => !EVERYBODY.test(one));
  const match = narrow.join(' and ');
  if (narrow.length > 0) {
    const isSaid = matched.has(keyword) || forSome.some((one) => one.keyword === keyword && one.match === match);
    if (!isSaid) forSome.push({ keyword, ...found, match });
    return;
  }
  const into = blocks.length === 0 ? first : matched;
  if (!into.has(keyword)) into.set(keyword, found);
};

/** Whether such a block may be for root: only what it asks of the user's name can be known to leave root out. */
export const mayBeForRoot = (match: string): boolean =>
  [...match.matchAll(/(?:^|\s)user(?:\s+|\s*=\s*)("[^"]*"|\S+)/gi)].every(([, names = '']) =>
    isRootIn(names.replaceAll('"', '').split(',')),
  );

/** A name with `!` counts before the others (ssh_config(5), "PATTERNS"). */
const isRootIn = (patterns: readonly string[]): boolean => {
  const isFor = (pattern: string): boolean => pattern.includes('?') || matchesName([pattern.trim()], 'root');
  const isLeftOut = patterns.some((one) => one.startsWith('!') && !one.includes('?') && isFor(one.slice(1)));
  return !isLeftOut && patterns.some((one) => !one.startsWith('!') && isFor(one));
};

/** Of OpenSSH itself, for what no file says. */
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['permitrootlogin', 'prohibit-password'],
  ['passwordauthentication', 'yes'],
  ['kbdinteractiveauthentication', 'yes'],
  ['pubkeyauthentication', 'yes'],
  ['authorizedkeysfile', '.ssh/authorized_keys .ssh/authorized_keys2'],
  ['authorizedkeyscommand', 'none'],
  ['authorizedprincipalscommand', 'none'],
  ['trustedusercakeys', 'none'],
  ['forcecommand', 'none'],
  ['permituserrc', 'yes'],
  ['permitemptypasswords', 'no'],
  ['hostbasedauthentication', 'no'],
  ['ignorerhosts', 'yes'],
  ['x11forwarding', 'no'],
  ['allowtcpforwarding', 'yes'],
  ['allowagentforwarding', 'yes'],
  ['permittunnel', 'no'],
  ['gatewayports', 'no'],
  ['permituserenvironment', 'no'],
  ['maxauthtries', '6'],
  ['maxsessions', '10'],
  ['logingracetime', '120'],
  ['clientaliveinterval', '0'],
  ['clientalivecountmax', '3'],
  ['loglevel', 'INFO'],
  ['strictmodes', 'yes'],
  ['usedns', 'no'],
  ['usepam', 'no'],
  ['port', '22'],
];
