/** Who can log in, and what they may do. */
import { type Account, accountsIn } from '../../inspect/accounts.ts';
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';
import { rootWithoutPassword } from './root-without-password.ts';

type Wanted = NonNullable<Policy['accounts']>;

export const judgeAccounts = async (
  wanted: Wanted,
  { inspection, subject: { files } }: PolicyFacts,
): Promise<Findings> => [
  ...inspection.accounts.logins.flatMap((account) => judgeLogin(account, wanted)),
  ...(await accountsIn(files)).flatMap((account) => judgeAccount(account, wanted)),
  ...(wanted.sudoWithoutPassword === undefined ? [] : await rootWithoutPassword(files))
    .filter(({ who }) => !matchesName(wanted.sudoWithoutPassword ?? [], who))
    .map(({ file, message, hint }) => fails('accounts.sudoWithoutPassword', message, file, hint)),
];

/** Of all accounts: a service may ask for the password of one without a shell, and lets it in by its keys. */
const judgeAccount = ({ name, uid, password, keys }: Account, wanted: Wanted): Findings => {
  const { superusers, emptyPasswords, keys: withKeys } = wanted;
  const [key] = keys;
  return [
    ...(emptyPasswords !== undefined && password === 'empty'
      ? [fails('accounts.emptyPasswords', `${name} has an empty password`, name, `Lock it: passwd -l ${name}`)]
      : []),
    ...(superusers === undefined || uid !== 0 || superusers.includes(name)
      ? []
      : [
          fails(
            'accounts.superusers',
            `${name} has the uid 0: it is root`,
            name,
            `Remove it (userdel ${name}), or allow it.`,
          ),
        ]),
    ...(withKeys === undefined || key === undefined || withKeys.includes(name)
      ? []
      : [
          fails(
            'accounts.keys',
            `${name} lets ${keys.length === 1 ? 'a key' : `${keys.length} keys`} in: ${key.type} ${key.fingerprint} ${key.comment}`.trimEnd(),
            key.file,
            'Remove them; each machine gets its own at the first boot.',
          ),
        ]),
  ];
};

const judgeLogin = ({ name, shell, password, method, keys }: Account, wanted: Wanted): Findings => {
  const { logins, passwords, methods, keyTypes } = wanted;
  const mayHave = passwords === undefined || (passwords !== 'none' && passwords.includes(name));
  return [
    ...(logins === undefined || logins.includes(name)
      ? []
      : [
          fails(
            'accounts.logins',
            `${name} may log in, with ${shell}`,
            name,
            `Give it another shell (/usr/sbin/nologin), remove it, or allow it.`,
          ),
        ]),
    ...(!mayHave && (password === 'set' || password === 'empty')
      ? [
          fails(
            'accounts.passwords',
            `${name} has a password`,
            name,
            'Let it log in with a key; all clones have the same password.',
          ),
        ]
      : []),
    ...(methods !== undefined && password === 'set' && !methods.some((one) => one === method)
      ? [
          fails(
            'accounts.methods',
            `the password of ${name} is hashed with ${method ?? 'a method that is not known'}`,
            name,
            '`mkpasswd -m yescrypt` makes a better hash.',
          ),
        ]
      : []),
    ...(keyTypes === undefined ? [] : keys)
      .filter(({ type }) => !matchesName(keyTypes ?? [], type))
      .map(({ file, type, fingerprint, comment }) =>
        fails(
          'accounts.keyTypes',
          `${name} has a key of the type ${type}: ${fingerprint} ${comment}`.trimEnd(),
          file,
          'Make a new one: ssh-keygen -t ed25519',
        ),
      ),
  ];
};
