/** Accounts and groups: each line is one that a signed package brings, or one that the recipe names. */
import { both, type Check, eachLine } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';

const MAKES_ACCOUNTS = /\b(adduser|addgroup|useradd|groupadd|sysusers)\b/;

/** Whose name a package brings: base-passwd's list, systemd's lists, or a script that makes accounts. */
const ofPackages = async (facts: DebianFacts): Promise<(name: string) => boolean> => {
  const lists = [
    '/usr/share/base-passwd/passwd.master',
    '/usr/share/base-passwd/group.master',
    ...facts.verifiedBelow('/usr/lib/sysusers.d'),
  ];
  const names = new Set<string>();
  for (const path of lists.filter(facts.isVerified))
    for (const line of (await facts.text(path)).split('\n')) {
      const [, name] = /^(?:[ugmr]!?\s+)?"?([a-z_][\w-]*)/i.exec(line) ?? [];
      if (name !== undefined) names.add(name);
    }
  const scripts = [...facts.scripts.values()].filter((text) => MAKES_ACCOUNTS.test(text));
  return (name) => names.has(name) || scripts.some((text) => text.split(/[^\w-]+/).includes(name));
};

/** No password fits. Empty would be one that everybody knows; a group without one lets nobody in but its members (gshadow(5)). */
const LOCKED = /^(\*|!|!\*|!!|!locked)$/;
/** As the tools write it: the C library takes ` 0`, `+0` and `00` for root as well. */
const NUMBER = /^(0|[1-9]\d{0,9})$/;
const ROOT_SHELL = /^(\/usr)?\/bin\/(ba|da)?sh$/;
const NO_SHELL = /^(\/usr)?\/(s?bin\/(nologin|false|sync))$/;
const FIRST_USER = 1000;
const NOBODY = 65_534;

const isSaid = ({ said }: DebianFacts, name: string): boolean => said?.accounts.includes(name) ?? false;

/** What is wrong with a line, by the file that it stands in. */
const lineOf = (
  kind: string,
  fields: readonly string[],
  byPackage: boolean,
  facts: DebianFacts,
): string | undefined => {
  const [name = '', secret = '', uid = '', gid = '', , home = '', shell = ''] = fields;
  if (!byPackage && !isSaid(facts, name)) return `${name} is an account of no package, and the recipe does not name it`;
  if (kind === 'passwd') {
    if (secret !== 'x' && !LOCKED.test(secret)) return `${name} has its password, or none, in /etc/passwd`;
    if (!NUMBER.test(uid) || !NUMBER.test(gid)) return `${name} has a number that is written in an odd way`;
    if (uid === '0' && name !== 'root') return `${name} has the number of root`;
    if (name === 'root') return rootWhy(uid, home, shell);
    if (isSaid(facts, name)) return undefined;
    if (gid === '0') return `${name} has the group of root`;
    if (Number(uid) >= FIRST_USER && Number(uid) !== NOBODY) return `${name} has the number of a person`;
    return NO_SHELL.test(shell) ? undefined : `${name} has the shell ${shell}`;
  }
  if (kind === 'group') return NUMBER.test(uid) ? undefined : `${name} has a number that is written in an odd way`;
  const isLocked = LOCKED.test(secret) || (kind === 'gshadow' && secret === '');
  return isLocked || (secret !== '' && isSaid(facts, name))
    ? undefined
    : `${name} has ${secret ? 'a' : 'an empty'} password`;
};

const rootWhy = (uid: string, home: string, shell: string): string | undefined => {
  if (uid !== '0') return 'root has not the number 0';
  if (home !== '/root') return `root has the home ${home}`;
  return ROOT_SHELL.test(shell) ? undefined : `root has the shell ${shell}`;
};

const accounts: Check = async ({ path }, facts) => {
  const kind = path.replace(/^\/etc\/|-$/g, '');
  const known = await ofPackages(facts);
  for (const line of (await facts.text(path)).split('\n').filter((text) => text !== '')) {
    const fields = line.split(':');
    const why = lineOf(kind, fields, known(fields[0] ?? ''), facts);
    if (why !== undefined) return why;
  }
  return kind === 'group' || kind === 'gshadow' ? members(path, facts) : undefined;
};

/** Only people are put into groups by name, and only those that the recipe names, but for what packages' scripts do. */
const members = async (path: string, facts: DebianFacts): Promise<string | undefined> => {
  const known = await ofPackages(facts);
  for (const line of (await facts.text(path)).split('\n')) {
    const [group = '', ...rest] = line.split(':');
    for (const member of (rest.at(-1) ?? '').split(',').filter((name) => name !== ''))
      if (!isSaid(facts, member) && !known(member)) return `${member} is in the group ${group}`;
  }
  return undefined;
};

const home: Check = async (file, { text, ownerOf, said }) => {
  const { path, uid } = file;
  const line = (await text('/etc/passwd')).split('\n').find((one) => one.split(':')[5] === path);
  const [name, , number] = line?.split(':') ?? [];
  if (name === undefined) return 'no account has this home';
  if (said !== undefined && !said.accounts.includes(name)) return `the recipe does not name ${name}`;
  return Number(number) === uid ? undefined : `it belongs to ${ownerOf(file)}, not to ${name}`;
};

export const ACCOUNT_RULES: readonly DebianRule[] = [
  {
    name: 'accounts',
    reason: 'accounts and groups of packages and of the recipe',
    path: ['/etc/passwd', '/etc/group', '/etc/passwd-', '/etc/group-'],
    checks:
      'each line is of a signed package or of the recipe; none but root has its number; no account of a package has a shell',
    check: accounts,
  },
  {
    name: 'passwords',
    reason: 'passwords of accounts and groups',
    path: ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-'],
    mode: [0o640, 0o600],
    owner: 'root:shadow',
    checks: 'only accounts that the recipe names have one',
    check: accounts,
  },
  {
    name: 'subordinate-ids',
    reason: 'adduser gives each person a range of numbers',
    path: ['/etc/subuid', '/etc/subgid', '/etc/subuid-', '/etc/subgid-'],
    checks: 'each line is of an account that the recipe names',
    check: eachLine((line, facts) => /^[\w.-]+:\d+:65536$/.test(line) && isSaid(facts, line.replace(/:.*/, ''))),
  },
  {
    name: 'account-lock',
    reason: 'a lock of the tools for accounts',
    path: ['/etc/.pwd.lock'],
    mode: [0o600],
    checks: 'it is empty',
    check: ({ size }) => (size === 0 ? undefined : 'it is not empty'),
  },
  {
    name: 'old-passwords',
    reason: 'libpam-modules makes it',
    path: ['/etc/security/opasswd'],
    mode: [0o600],
    checks: 'it is empty',
    check: ({ size }) => (size === 0 ? undefined : 'it is not empty'),
  },
  {
    name: 'shells',
    reason: 'update-shells makes it of what packages bring',
    path: ['/etc/shells', '/var/lib/shells.state'],
    checks: 'each line leads to a verified file',
    check: eachLine((line, { isOfPackage }) => isOfPackage(line)),
  },
  {
    name: 'homes',
    reason: 'homes of the recipe’s accounts',
    path: /^\/home\/[^/]+$/,
    type: 'folder',
    mode: [0o700, 0o750, 0o755],
    owner: 'any',
    checks: 'it is the home of an account that the recipe names, and its own',
    check: home,
  },
  {
    name: 'ssh-folders',
    reason: 'where accounts have their keys',
    path: /^\/(root|home\/[^/]+)\/\.ssh$/,
    type: 'folder',
    mode: [0o700],
    owner: 'any',
    checks: 'it belongs to whom its home belongs',
    check: ({ path, uid }, { tree }) =>
      uid === (tree.get(path.replace(/\/\.ssh$/, ''))?.uid ?? 0) ? undefined : 'it belongs to somebody else',
  },
  {
    name: 'ssh-keys',
    reason: 'keys that the recipe gives its accounts',
    path: /^\/(root|home\/[^/]+)\/\.ssh\/authorized_keys$/,
    mode: [0o600],
    owner: 'any',
    class: 'ingot',
    checks: 'each line is one of the recipe’s keys',
    check: both(
      eachLine((line, { said }) => said?.texts.some((text) => text.includes(line)) ?? false),
      ({ path, uid }, { tree }) =>
        uid === (tree.get(path.replace(/\/\.ssh\/.*$/, ''))?.uid ?? 0) ? undefined : 'it belongs to somebody else',
    ),
  },
  {
    name: 'sudo-rights',
    reason: 'who may use sudo, by the recipe',
    path: ['/etc/sudoers.d/90-users'],
    mode: [0o440],
    class: 'ingot',
    checks: 'each line gives rights to an account that the recipe names',
    // To sudo `#include` and `#1000` are no comments (sudoers(5)).
    check: eachLine(
      (line, facts) => /^[\w.-]+ ALL=\(ALL:ALL\) (NOPASSWD:)?ALL$/.test(line) && isSaid(facts, line.replace(/ .*/, '')),
      /^$/,
    ),
  },
];
