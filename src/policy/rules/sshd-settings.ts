/**
 * What sshd does for everybody, as its configuration says it: the first value of a keyword counts, files that are included
 * stand where the line is, and what is in a Match block is not for everybody (sshd_config(5), OpenSSH 9).
 */
import { posix } from 'node:path';
import { glob } from '../../capture/glob.ts';
import type { Subject } from '../../inspect/subject.ts';

/** Keywords in lower case. */
export const sshdSettings = async (files: Subject['files']): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  await read(files, '/etc/ssh/sshd_config', found, 0);
  return new Map([...DEFAULTS, ...found]);
};

/** sshd itself allows 16. */
const DEEPEST = 16;

const read = async (
  files: Subject['files'],
  path: string,
  found: Map<string, string>,
  depth: number,
): Promise<void> => {
  for (const line of ((await files.text(path)) ?? '').split('\n')) {
    const [, key = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line.replace(/^\s*#.*/, '')) ?? [];
    const name = key.toLowerCase();
    if (name === '') continue;
    if (name === 'match') return;
    if (name === 'include') {
      if (depth >= DEEPEST) continue;
      for (const pattern of value.split(/\s+/)) {
        const absolute = posix.resolve('/etc/ssh', pattern.replaceAll('"', ''));
        for (const one of await glob(files, absolute)) await read(files, one, found, depth + 1);
      }
    } else if (!found.has(name)) found.set(name, value.replaceAll('"', '').replace(/\s+#.*$/, ''));
  }
};

/** Of OpenSSH itself, for what no file says. */
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['permitrootlogin', 'prohibit-password'],
  ['passwordauthentication', 'yes'],
  ['kbdinteractiveauthentication', 'yes'],
  ['pubkeyauthentication', 'yes'],
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
