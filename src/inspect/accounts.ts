/** Who can log in, and what they may do: accounts with a shell, keys by their fingerprint, sudo. No hash leaves this file. */
import { createHash } from 'node:crypto';
import type { GuestFiles } from '../capture/guest-files.ts';
import { isSudoRule, type SudoLine, sudoLines } from './sudoers.ts';

export interface AuthorizedKey {
  readonly file: string;
  readonly type: string;
  /** As ssh-keygen -l shows it: `SHA256:…` */
  readonly fingerprint: string;
  readonly comment: string;
  /** `from="10.0.0.0/8",restrict`; empty when there are none. */
  readonly options: string;
}

/** `empty`: anybody gets in who can reach a prompt; `none`: no password fits. */
export type PasswordState = 'set' | 'locked' | 'none' | 'empty';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  readonly shell: string;
  readonly groups: readonly string[];
  readonly password: PasswordState;
  /** `yescrypt`, `SHA-512`, …, where one is set or locked. */
  readonly method?: string;
  /** The day on which the account ends, ISO 8601. */
  readonly expires?: string;
  readonly keys: readonly AuthorizedKey[];
}

export interface AccountFacts {
  /** Those whose shell lets them in. */
  readonly logins: readonly Account[];
  /** All accounts by name, for what changes between two images. */
  readonly names: readonly string[];
  readonly sudo: readonly SudoLine[];
}

const NO_LOGIN = /\/(nologin|false|sync|shutdown|halt|true)$/;

export const accountFacts = async (files: GuestFiles): Promise<AccountFacts> => {
  const accounts = await accountsIn(files);
  return {
    logins: accounts.filter(({ shell }) => !NO_LOGIN.test(shell)),
    names: accounts.map(({ name }) => name),
    sudo: (await sudoLines(files)).filter(isSudoRule),
  };
};

/** All accounts, in the order of /etc/passwd. */
export const accountsIn = async (files: GuestFiles): Promise<Account[]> => {
  const passwd = records((await files.text('/etc/passwd')) ?? '');
  const shadow = new Map(records((await files.text('/etc/shadow')) ?? '').map((fields) => [fields[0], fields]));
  const groups = records((await files.text('/etc/group')) ?? '');
  const patterns = await keyFiles(files);
  const accounts = passwd.map(async ([name = '', inPasswd = '', uid, gid, , home = '', shell]): Promise<Account> => {
    const [, hash = inPasswd, , , , , , expires = ''] = shadow.get(name) ?? [];
    return {
      name,
      uid: Number(uid),
      home,
      shell: shell || '/bin/sh',
      groups: groups
        .filter((group) => group[2] === gid || group[3]?.split(',').includes(name))
        .map(([group = '']) => group),
      ...passwordOf(hash),
      ...(/^\d+$/.test(expires) ? { expires: new Date(Number(expires) * 86_400_000).toISOString().slice(0, 10) } : {}),
      keys: (await Promise.all(patterns.map((pattern) => keysIn(files, pathOf(pattern, name, home))))).flat(),
    };
  });
  return Promise.all(accounts);
};

/** The names of groups by their numbers. */
export const groupNames = async (files: GuestFiles): Promise<ReadonlyMap<number, string>> =>
  new Map(records((await files.text('/etc/group')) ?? '').map(([name = '', , gid]) => [Number(gid), name]));

const records = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.includes(':') && !line.startsWith('#'))
    .map((line) => line.split(':'));

/** crypt(5) */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/^\$y\$/, 'yescrypt'],
  [/^\$gy\$/, 'gost-yescrypt'],
  [/^\$7\$/, 'scrypt'],
  [/^\$2[abxy]?\$/, 'bcrypt'],
  [/^\$6\$/, 'SHA-512'],
  [/^\$5\$/, 'SHA-256'],
  [/^\$1\$/, 'MD5'],
  [/^[./0-9A-Za-z]{13}$/, 'DES'],
];

/** shadow(5): with a field that cannot be a hash no password fits; `!` before a hash locks it. */
export const passwordOf = (field: string): { readonly password: PasswordState; readonly method?: string } => {
  if (field === '') return { password: 'empty' };
  const method = METHODS.find(([pattern]) => pattern.test(field.replace(/^!+/, '')))?.[1];
  if (method === undefined) return { password: /^[!*x]/.test(field) ? 'none' : 'set' };
  return { password: field.startsWith('!') ? 'locked' : 'set', method };
};

const USUAL_KEYS = ['.ssh/authorized_keys', '.ssh/authorized_keys2'];

/** sshd's first `AuthorizedKeysFile`, outside of a Match. */
const keyFiles = async (files: GuestFiles): Promise<readonly string[]> => {
  const dropIns = (await files.list('/etc/ssh/sshd_config.d')).map(({ name }) => `/etc/ssh/sshd_config.d/${name}`);
  for (const path of [...dropIns.filter((one) => one.endsWith('.conf')).sort(), '/etc/ssh/sshd_config']) {
    const global = ((await files.text(path)) ?? '').split(/^\s*match\s/im)[0] ?? '';
    const words = /^\s*AuthorizedKeysFile\s+(.+)$/im.exec(global)?.[1]?.trim().split(/\s+/);
    if (words) return words.filter((word) => word !== 'none');
  }
  return USUAL_KEYS;
};

const pathOf = (pattern: string, name: string, home: string): string => {
  const path = pattern.replaceAll('%h', home).replaceAll('%u', name).replaceAll('%%', '%');
  return path.startsWith('/') ? path : `${home.replace(/\/$/, '')}/${path}`;
};

/** sshd(8), "AUTHORIZED_KEYS FILE FORMAT". */
const KEY = /^(.*?)\s*\b((?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)\s*(.*)$/;

const keysIn = async (files: GuestFiles, file: string): Promise<AuthorizedKey[]> =>
  ((await files.text(file)) ?? '').split('\n').flatMap((line) => {
    if (line.trimStart().startsWith('#')) return [];
    const [, options = '', type, key, comment = ''] = KEY.exec(line.trim()) ?? [];
    if (type === undefined || key === undefined) return [];
    const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '');
    return [{ file, type, fingerprint: `SHA256:${digest}`, comment, options }];
  });
