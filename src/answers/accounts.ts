/** Accounts as Ingot's hooks read them: /ingot/users, /ingot/ssh/USER and /ingot/sudo. */

import { publicKeyLines } from '../recipe/load/host-files.ts';
import type { Password, SshKey } from '../recipe/schema/account-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import type { SecretStore } from '../recipe/secrets/secrets.ts';

export interface Account {
  readonly name: string;
  readonly fullName: string;
  /** crypt hash; `*` when there is no password: it is no hash, and not the `!` that user-setup asks about. */
  readonly hash: string;
  readonly keys: readonly string[];
  readonly groups: readonly string[];
  readonly sudo: 'none' | 'password' | 'nopasswd';
}

const NO_PASSWORD = '*';

export interface AccountContext {
  readonly secrets: SecretStore;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Root and the users of the recipe, with hashes and keys read. */
export const accountsOf = (
  { answers }: Recipe,
  context: AccountContext,
): { root: Account; users: readonly Account[] } => ({
  root: {
    name: 'root',
    fullName: 'root',
    hash: hashOf(answers.root.password, context),
    keys: keysOf(answers.root.sshKeys, context),
    groups: [],
    sudo: 'none',
  },
  users: answers.users.map(({ name, fullName, password, sshKeys, groups, sudo }) => ({
    name,
    fullName,
    hash: hashOf(password, context),
    keys: keysOf(sshKeys, context),
    groups,
    sudo,
  })),
});

const hashOf = (password: Password | undefined, { secrets }: AccountContext): string => {
  if (password === undefined) return NO_PASSWORD;
  return typeof password.hash === 'string' ? password.hash : secrets.get(password.hash);
};

const keysOf = (keys: readonly SshKey[], { files }: AccountContext): string[] =>
  keys.flatMap((key) => {
    if (typeof key === 'string') return [key];
    const content = files.get(key.file);
    if (!content) throw new Error(`the key file ${key.file} was not read with the recipe`);
    return publicKeyLines(new TextDecoder().decode(content));
  });

/** `NAME:HASH:GROUP,GROUP:FULL NAME`, one a line. */
export const usersFile = (users: readonly Account[]): string =>
  users.map(({ name, hash, groups, fullName }) => `${[name, hash, groups.join(','), fullName].join(':')}\n`).join('');

/** `USER nopasswd` or `USER password`, one a line. */
export const sudoFile = (users: readonly Account[]): string =>
  users.flatMap(({ name, sudo }) => (sudo === 'none' ? [] : [`${name} ${sudo}\n`])).join('');
