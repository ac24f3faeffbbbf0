/** Passwords, users and their keys. */
import { optionOf } from '../arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, named, type ParsedCommand } from './context.ts';

export const checkAccounts = (context: CheckContext): void => {
  for (const command of named(context, 'rootpw', 'sshpw')) checkPassword(command, command.args.positional[0], context);
  for (const command of named(context, 'user')) {
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

/** crypt(5): length of the hash itself behind the last `$`. */
const HASHES: readonly (readonly [RegExp, number])[] = [
  [/^\$1\$[^$]*\$([^$]*)$/, 22],
  [/^\$5\$(?:rounds=\d+\$)?[^$]*\$([^$]*)$/, 43],
  [/^\$6\$(?:rounds=\d+\$)?[^$]*\$([^$]*)$/, 86],
  [/^\$y\$[^$]+\$[^$]*\$([^$]*)$/, 43],
];

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
    // DES hashes have 13 characters and no mark; `*` and `!` say that there is no password.
    if (isLockedOnPurpose(text) || args.options.some((option) => option.name === '--lock')) return;
    if (!/^[$*!_]|^[./0-9A-Za-z]{13}$/.test(text))
      tell('password-hash', line, password, 'this is no password hash, although --iscrypted says so', {
        hint: '`mkpasswd -m yescrypt` or `openssl passwd -6` make one.',
      });
    else {
      const [, length] = HASHES.find(([form, width]) => (form.exec(text)?.[1]?.length ?? width) !== width) ?? [];
      if (length !== undefined)
        tell('password-hash', line, password, `a hash of this kind has ${length} characters behind the salt`, {
          severity: 'info',
        });
    }
  } else if (/^\$(1|5|6|y|2[aby])\$/.test(text))
    tell('password-hash', line, password, 'this looks like a hash, but it is taken for the password itself', {
      hint: 'Add --iscrypted.',
    });
  else if (name !== 'sshpw')
    tell('clear-text-password', line, password, 'the password stands here in clear text', {
      hint: 'Use --iscrypted and a hash.',
    });
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
  const users = new Set(['root', ...named(context, 'user').map(({ args }) => optionOf(args, '--name')?.value)]);
  for (const { line, args } of named(context, 'sshkey')) {
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
export const hasAccount = (context: CheckContext): boolean => named(context, 'rootpw', 'user', 'sshkey').length > 0;
