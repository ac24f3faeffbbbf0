/** Who can log in, and what they may do. */
import type { Account } from '../../inspect/accounts.ts';
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

type Wanted = NonNullable<Policy['accounts']>;

export const judgeAccounts = (wanted: Wanted, { inspection }: PolicyFacts): Findings => [
  ...inspection.accounts.logins.flatMap((account) => judgeAccount(account, wanted)),
  ...(wanted.sudoWithoutPassword === undefined ? [] : inspection.accounts.sudo)
    .filter(
      ({ rule }) =>
        /\bNOPASSWD:/.test(rule) && !matchesName(wanted.sudoWithoutPassword ?? [], rule.split(/\s/)[0] ?? ''),
    )
    .map(({ file, rule }) =>
      fails(
        'accounts.sudoWithoutPassword',
        `sudo asks no password here: ${rule}`,
        file,
        'Leave out `sudo: nopasswd` of the account, or allow it.',
      ),
    ),
];

const judgeAccount = ({ name, shell, password, method, keys }: Account, wanted: Wanted): Findings => {
  const { logins, emptyPasswords, passwords, methods, keyTypes } = wanted;
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
    ...(emptyPasswords !== undefined && password === 'empty'
      ? [fails('accounts.emptyPasswords', `${name} has an empty password`, name, `Lock it: passwd -l ${name}`)]
      : []),
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
