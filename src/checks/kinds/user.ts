/** An account, read from the disk: its password's state is judged, never shown. */
import type { UserCheck } from '../../recipe/schema/test-checks-schema.ts';
import { type Compared, compared, fails, holds, outcomeOf, type Planned, present } from '../planned.ts';

export const userChecks = (check: UserCheck): Planned[] => [
  {
    rule: 'tests/user',
    name: `user ${check.name}${check.exists ? '' : ' does not exist'}`,
    outside: async (image) => {
      const { name, exists } = check;
      const account = (await image.accounts()).find((one) => one.name === name);
      if (!exists) {
        if (account === undefined) return holds(`there is no ${name}`);
        return fails(`${name} exists, with uid ${account.uid}`, {
          wanted: 'none',
          found: `uid ${account.uid}`,
          where: name,
        });
      }
      if (account === undefined)
        return fails(`there is no account ${name}`, { wanted: name, found: 'none', where: name });
      const values: Compared[] = [
        ...(check.uid === undefined ? [] : [compared('its uid', check.uid, account.uid)]),
        ...(check.shell === undefined ? [] : [compared('its shell', check.shell, account.shell)]),
        ...(check.home === undefined ? [] : [compared('its home', check.home, account.home)]),
        ...(check.password === undefined
          ? []
          : [compared('its password', check.password, PASSWORDS[account.password])]),
        ...(check.groups ?? []).map((group) => present(`the group ${group}`, account.groups.includes(group))),
      ];
      return outcomeOf(name, values, { where: name });
    },
  },
];

/** Whether a hash is there that is switched off, or none at all: no password fits. */
const PASSWORDS = { set: 'set', empty: 'empty', locked: 'locked', none: 'locked' } as const;
