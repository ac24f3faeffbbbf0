/**
 * What sshd does for everybody, as its configuration says it: the first value of a keyword counts, files that are included
 * stand where the line is, and what is in a Match block counts where everybody fits it (sshd_config(5), OpenSSH 9).
 */
import { posix } from 'node:path';
import { glob } from '../../capture/glob.ts';
import type { Subject } from '../../inspect/subject.ts';

/** Keywords in lower case. */
export const sshdSettings = async (files: Subject['files']): Promise<ReadonlyMap<string, string>> => {
  const said: Said = { first: new Map(), matched: new Map() };
  await read(files, '/etc/ssh/sshd_config', said, 0);
  return new Map([...DEFAULTS, ...said.first, ...said.matched]);
};

interface Said {
  readonly first: Map<string, string>;
  /** What blocks say that everybody fits: it counts before the rest. */
  readonly matched: Map<string, string>;
}

/** sshd itself allows 16. */
const DEEPEST = 16;
/** Whoever it is, and from wherever: `Match all`, `Match User *`. */
const EVERYBODY = /^(?:all|(?:(?:user|group|host|address|localaddress)\s+"?\*"?\s*)+)$/i;

/** A block ends with its file, where it is in one that is included. */
const read = async (files: Subject['files'], path: string, said: Said, depth: number): Promise<void> => {
  let into: Map<string, string> | undefined = said.first;
  for (const line of ((await files.text(path)) ?? '').split('\n')) {
    const [, key = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line.replace(/^\s*#.*/, '')) ?? [];
    const name = key.toLowerCase();
    if (name === '') continue;
    if (name === 'match') {
      into = EVERYBODY.test(value) ? said.matched : undefined;
    } else if (name === 'include') {
      if (depth >= DEEPEST || into === undefined) continue;
      for (const pattern of value.split(/\s+/)) {
        const absolute = posix.resolve('/etc/ssh', pattern.replaceAll('"', ''));
        const inner = into === said.first ? said : { first: into, matched: said.matched };
        for (const one of await glob(files, absolute)) await read(files, one, inner, depth + 1);
      }
    } else if (into !== undefined && !into.has(name)) into.set(name, value.replaceAll('"', '').replace(/\s+#.*$/, ''));
  }
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
