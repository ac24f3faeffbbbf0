/** Passwords, users and their keys. */
import { optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';

export const checkAccounts = (context: CheckContext): void => {
  for (const command of commandsNamed(context, 'bootloader')) checkBootPassword(command, context);
  for (const command of commandsNamed(context, 'rootpw', 'sshpw'))
    checkPassword(command, command.args.positional[0], context);
  for (const command of commandsNamed(context, 'user')) {
    const password = optionOf(command.args, '--password');
    if (password?.value !== undefined) checkPassword(command, { text: password.value, ...password.valueAt }, context);
    checkName(command, context);
  }
  checkKeys(context);
};

interface Password {
  readonly text: string;
  readonly column: number;
  readonly endColumn: number;
}

/** crypt(5): what the part after the last `$` is made of, and its length. */
const HASHES: readonly (readonly [RegExp, number])[] = [
  [/^\$1\$[^$]*\$([^$]*)$/, 22],
  [/^\$5\$(?:rounds=\d+\$)?[^$]*\$([^$]*)$/, 43],
  [/^\$6\$(?:rounds=\d+\$)?[^$]*\$([^$]*)$/, 86],
  [/^\$y\$[^$]+\$[^$]*\$([^$]*)$/, 43],
  [/^\$gy\$[^$]+\$[^$]*\$([^$]*)$/, 43],
  [/^\$7\$[^$]+\$([^$]*)$/, 43],
  // The salt has no mark at its end.
  [/^\$2[abxy]\$\d\d\$([^$]*)$/, 53],
];
const METHOD = /^\$(1|2[abxy]|5|6|7|y|gy|md5|sha1)[$,]/;

/** Shortened for an example, or a word in the place of what a program puts in. */
const isStandIn = (text: string): boolean =>
  /\.\.\.|…|[xX*]{4}|[<>{}%@]|^\$\w+\$(salt\$)?(hash|your|my|encrypted|password)/i.test(text);

/** What is wrong with a hash, in words; undefined for one that can be right. */
const hashFault = (text: string): string | undefined => {
  // `*` and `!` say that there is no password; a lock stands before the hash that it locks.
  const hash = text.replace(/^!+(?=\$)/, '');
  // A variable of the program that makes the file.
  if (/^\$\{?[A-Za-z_]\w*\}?$/.test(hash)) return undefined;
  if (/^[*!]/.test(hash) || /^[./0-9A-Za-z]{13}$|^_[./0-9A-Za-z]{19}$/.test(hash)) return undefined;
  if (!hash.startsWith('$')) return 'this is no password hash, although --iscrypted says so';
  if (!METHOD.test(hash)) return 'no method of hashing has this mark';
  const known = HASHES.filter(([form]) => form.test(hash));
  if (known.length === 0)
    return /^\$(md5|sha1)/.test(hash) ? undefined : 'a salt, and no hash after it: no password fits';
  const wrong = known.find(([form, width]) => form.exec(hash)?.[1]?.length !== width);
  return (
    wrong &&
    `a hash of this kind has ${wrong[1]} characters after the salt, this one has ${wrong[0].exec(hash)?.[1]?.length ?? 0}`
  );
};

/** Cloud images have words such as `thereisnopasswordanditslocked` where a hash would be. */
const isLockedOnPurpose = (text: string): boolean => /lock|nopass|disabled|^(no|none|nope|x)$/i.test(text);

const checkPassword = (
  { name, line, args }: ParsedCommand,
  password: Password | undefined,
  { tell }: CheckContext,
): void => {
  if (!password || password.text === '') return;
  // The later of the two options counts.
  const kind = args.options.findLast((option) => option.name === '--iscrypted' || option.name === '--plaintext')?.name;
  const { text } = password;
  if (kind === '--iscrypted') {
    if (isLockedOnPurpose(text) || args.options.some((option) => option.name === '--lock')) return;
    const fault = hashFault(text);
    if (fault !== undefined)
      tell('password-hash', line, password, fault, {
        hint: '`mkpasswd -m yescrypt` or `openssl passwd -6` make one.',
        ...(isStandIn(text) && { severity: 'info' as const }),
      });
  } else if (/^\$(1|5|6|y|2[aby])\$/.test(text))
    tell('password-hash', line, password, 'this looks like a hash, but it is taken for the password itself', {
      hint: 'Add --iscrypted.',
    });
  else if (name !== 'sshpw')
    tell('clear-text-password', line, password, 'the password stands here in clear text', {
      hint: 'Use --iscrypted and a hash.',
    });
};

/** Anaconda hands it to GRUB's password_pbkdf2, as it is. */
const checkBootPassword = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const password = optionOf(args, '--password');
  if (!password?.value || isStandIn(password.value)) return;
  const isHash = password.value.startsWith('grub.pbkdf2.');
  if (isHash !== args.options.some(({ name }) => name === '--iscrypted'))
    tell(
      'password-hash',
      line,
      password.valueAt,
      isHash ? 'this hash is taken for the password itself' : 'this is no hash of GRUB, although --iscrypted says so',
      {
        hint: isHash ? 'Add --iscrypted.' : '`grub2-mkpasswd-pbkdf2` makes one.',
      },
    );
};

const checkName = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const name = optionOf(args, '--name');
  if (name?.value === undefined) return;
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/.test(name.value))
    tell('account-name', line, name.valueAt, `${shown(name.value)} is not a login name`);
  else if (name.value === 'root')
    tell('account-name', line, name.valueAt, 'root is there already; its password is set by rootpw');
};

const KEY =
  /^(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}( |$)/;

const checkKeys = (context: CheckContext): void => {
  const users = new Set(['root', ...commandsNamed(context, 'user').map(({ args }) => optionOf(args, '--name')?.value)]);
  for (const { line, args } of commandsNamed(context, 'sshkey')) {
    const user = optionOf(args, '--username');
    if (user?.value !== undefined && !users.has(user.value) && !context.document.open)
      context.tell('account-name', line, user.valueAt, `no user command makes ${shown(user.value)}`);
    const [key] = args.positional;
    // Options of authorized_keys may stand before the key.
    if (args.positional.length === 1 && key && !KEY.test(key.text) && !/ (ssh-|ecdsa-|sk-)/.test(key.text))
      context.tell('ssh-key', line, key, 'this is not an OpenSSH public key', {
        hint: 'Put the whole line of the .pub file in quotes.',
        // Shortened, as in an example.
        severity: /^(ssh|ecdsa|sk)-/.test(key.text) ? 'info' : 'warning',
      });
  }
};

/** Someone can log in. */
export const hasAccount = (context: CheckContext): boolean =>
  commandsNamed(context, 'rootpw', 'user', 'sshkey').length > 0;
