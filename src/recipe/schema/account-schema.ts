/** Accounts: who may log in to the finished system, and how. */
import { z } from 'zod';
import { sshPublicKey } from '../values/ssh-key.ts';
import { accountName, hostPath, passwordHash, secretReference, text } from './field-values.ts';

/** A password as a crypt hash, given openly or kept outside the recipe. Clear text is never accepted. */
export const password = z.strictObject({
  hash: z.union([passwordHash, secretReference]).meta({
    description: 'crypt hash (`mkpasswd -m yescrypt`), or where it is kept: {env: NAME}, {file: PATH}.',
  }),
});

export type Password = z.output<typeof password>;

export const sshKeys = z
  .array(
    z.union([
      sshPublicKey,
      z.strictObject({ file: hostPath.meta({ description: 'A .pub or authorized_keys file on the host.' }) }),
    ]),
  )
  .default([])
  .meta({ description: 'SSH public keys, or files that hold them.' });
export type SshKey = z.output<typeof sshKeys>[number];

export const userSchema = z
  .strictObject({
    name: accountName.meta({ description: 'Login name.' }),
    fullName: text(/^(?!\s)[^:,=\\"\p{Cc}]*(?<!\s)$/u, 'a name without : , = quotes, backslashes and outer blanks')
      .default('')
      .meta({ description: 'Full name (GECOS).' }),
    password: password.optional().meta({ description: 'Absent: no password login.' }),
    sshKeys,
    sudo: z.enum(['none', 'password', 'nopasswd']).default('none').meta({
      description: 'May become root with sudo: not at all, with the password, or without one.',
    }),
    groups: z
      .array(accountName)
      .default([])
      .meta({ description: 'Further groups; one that does not exist is made (a system group).' }),
  })
  .refine((user) => user.sudo !== 'password' || user.password !== undefined, {
    path: ['sudo'],
    error: 'a password for this user, or `nopasswd`',
  })
  .meta({ description: 'A login account.' });
