/** Who can log in, and what they may do. */
import { z } from 'zod';
import { forbidden, globs } from './fields.ts';

export const accounts = z
  .strictObject({
    logins: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Names of the accounts that may have a login shell, root among them.' }),
    superusers: globs('Accounts that may have the uid 0: root.').optional(),
    keys: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Accounts that keys may let in (authorized_keys); an empty list allows none.' }),
    emptyPasswords: forbidden.optional().meta({ description: 'No account may be entered without a password.' }),
    passwords: z
      .union([z.literal('none'), z.array(z.string().min(1)).min(1)])
      .optional()
      .meta({ description: '`none`: no account has one that fits; else the accounts that may have one.' }),
    methods: z
      .array(z.enum(['yescrypt', 'gost-yescrypt', 'scrypt', 'bcrypt', 'SHA-512', 'SHA-256']))
      .min(1)
      .optional()
      .meta({ description: 'How passwords may be hashed.' }),
    keyTypes: globs('Types that authorized keys may have: ssh-ed25519, sk-*.').optional(),
    sudoWithoutPassword: z.array(z.string().min(1)).optional().meta({
      description:
        'Accounts and groups (%sudo) that may become root by sudo, doas or su without a password; an empty list allows none.',
    }),
  })
  .meta({ description: 'Who can log in, and what they may do.' });
