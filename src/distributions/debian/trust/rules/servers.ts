/** What packages of usual servers make by programs of their own: queues of Postfix, modules of PHP. */
import { posix } from 'node:path';
import { both, type Check, eachLine, empty } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';

/** `$queue_directory/active:d:$mail_owner:-:700:ucr` (the head of the file says what the fields are). */
const QUEUE = /^\$queue_directory\/([a-z]+):d:([^:]+):([^:]+):(\d+):/;

/** Its own scripts and programs get these names from its configuration. */
const NAMES: Readonly<Record<string, string>> = {
  $mail_owner: 'postfix',
  $setgid_group: 'postdrop',
  root: 'root',
  '-': 'root',
};

const isQueue: Check = async (file, { text, isVerified, ownerOf }) => {
  const list = '/etc/postfix/postfix-files';
  if (!isVerified(list)) return `${list} is not as its package has it`;
  const name = posix.basename(file.path);
  for (const line of (await text(list)).split('\n')) {
    const [, queue, user = '', group = '', mode = ''] = QUEUE.exec(line) ?? [];
    if (queue !== name) continue;
    const owner = `${NAMES[user] ?? user}:${NAMES[group] ?? group}`;
    if (ownerOf(file) !== owner) return `it belongs to ${ownerOf(file)}, not to ${owner}`;
    return file.mode !== undefined && (file.mode & 0o777) === Number.parseInt(mode, 8)
      ? undefined
      : `its mode is not ${mode}`;
  }
  return `${list} does not have it`;
};

/** What its script writes into it with postconf(1), from the answers. */
const ASKED =
  /^(myhostname|alias_maps|alias_database|myorigin|mydestination|relayhost(?= = $)|mynetworks|mailbox_size_limit|recipient_delimiter|inet_interfaces|inet_protocols|compatibility_level|smtpd_relay_restrictions) = /;

const postfixSetting: Check = async (file, facts) => {
  const own = await Promise.all(
    ['main.cf.debian', 'main.cf.tls'].map(async (name) => {
      const path = `/usr/share/postfix/${name}`;
      return facts.isVerified(path) ? (await facts.text(path)).split('\n') : [];
    }),
  );
  const known = new Set(own.flat().map((line) => line.trim()));
  // A command, or a table of another kind, can be anything.
  return eachLine(
    (line) => known.has(line.trim()) || (ASKED.test(line) && /^[\w ,.:[\]/$+-]*$/.test(line.replace(ASKED, ''))),
  )(file, facts);
};

/** By the tables of PHP's own helper: a module that is enabled is one that is available. */
const MODULE = /^(?:\d\d-)?([\w-]+)(?:\.ini)?$/;

const available = (path: string): string => {
  const [, version = ''] = /\/(\d+\.\d+)\//.exec(path) ?? [];
  const [, name = ''] = MODULE.exec(posix.basename(path)) ?? [];
  return `/etc/php/${version}/mods-available/${name}.ini`;
};

const isModule: Check = ({ path }, { tree }) =>
  tree.has(available(path)) ? undefined : `there is no ${available(path)}`;

const isModuleLink: Check = ({ path, target = '' }) =>
  target === available(path) ? undefined : `it leads to ${target}`;

/** For NIS, in every table of aliases (postalias(1)). */
const WORDS_OF_TABLES = ['YP_MASTER_NAME', 'YP_LAST_MODIFIED'];

export const SERVERS: readonly DebianRule[] = [
  {
    name: 'postfix-queues',
    reason: 'postfix makes the folders of its queue',
    path: /^\/var\/spool\/postfix\/[a-z]+$/,
    type: 'folder',
    mode: 'any',
    owner: 'any',
    checks: 'the package’s list of its files (postfix-files) has it, with this mode and owner',
    check: isQueue,
  },
  {
    name: 'postfix-settings',
    reason: 'postfix’s script writes it from the answers',
    path: ['/etc/postfix/main.cf'],
    checks: 'its lines are those of the package, or set what the script asks for; none names a command',
    check: postfixSetting,
  },
  {
    name: 'postfix-maps',
    reason: 'scripts of postfix’s packages add their kinds of tables',
    path: ['/etc/postfix/dynamicmaps.cf'],
    checks: 'each line is a table of a package, in the form that the script writes',
    check: eachLine((line, { installed }) => {
      const [, name = ''] = /^([a-z]+)\tpostfix-\1\.so\tdict_\1_open(?:\tmkmap_\1_open)?$/.exec(line) ?? [];
      return installed.has(`postfix-${name}`);
    }),
  },
  {
    name: 'postfix-restart',
    reason: 'postfix’s script marks that the server has to start again',
    path: ['/var/spool/postfix/restart'],
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'mail-name',
    reason: 'scripts of mail servers write the machine’s mail name',
    path: ['/etc/mailname'],
    checks: 'one host name',
    check: eachLine((line) => /^[A-Za-z0-9]([\w-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([\w-]*[A-Za-z0-9])?)*$/.test(line)),
  },
  {
    name: 'mail-aliases',
    reason: 'scripts of mail servers say who gets the mail of root and postmaster',
    path: ['/etc/aliases'],
    checks: 'each line gives a name to an account of this machine: no address, no file, no command',
    check: eachLine((line) => /^[\w-]+:\s*[\w.-]+(,\s*[\w.-]+)*$/.test(line)),
  },
  {
    name: 'mail-alias-table',
    reason: 'newaliases makes it of /etc/aliases',
    path: ['/etc/aliases.db'],
    checks: 'all words in it stand in /etc/aliases, or are what newaliases adds: the mail name, and a time',
    check: async ({ path }, { text }) => {
      const known = new Set(
        [...WORDS_OF_TABLES, await text('/etc/aliases'), await text('/etc/mailname')].flatMap((one) =>
          one.split(/[\s,:]+/),
        ),
      );
      // With blanks, and after a `|` even one letter: what is between would be a command.
      const words = (await text(path)).match(/[ -~]{3,}|\|[ -~]/g) ?? [];
      const odd = words.find((word) => !known.has(word) && !/^\d{10,}$/.test(word));
      return odd === undefined ? undefined : `/etc/aliases has no ${odd}`;
    },
  },
  {
    name: 'php-modules',
    reason: 'PHP’s packages enable their modules for each way to run PHP',
    path: /^\/etc\/php\/\d+\.\d+\/\w+\/conf\.d\/\d\d-[\w-]+\.ini$/,
    type: 'link',
    checks: 'it leads to the file of its own name among those that are available',
    check: both(isModule, isModuleLink),
  },
  {
    name: 'php-records',
    reason: 'PHP’s helper remembers which modules packages have enabled',
    path: /^\/var\/lib\/php\/modules\/\d+\.\d+\/(registry|\w+\/(enabled|disabled)_by_maint)\/[\w-]+$/,
    checks: 'it is empty, and has the name of a module',
    check: both(empty, isModule),
  },
  {
    name: 'php-record-folders',
    reason: 'PHP’s helper remembers which modules packages have enabled',
    path: /^\/var\/lib\/php\/modules\/\d+\.\d+(\/(registry|\w+(\/(enabled|disabled)_by_maint)?))?$/,
    type: 'folder',
  },
];
