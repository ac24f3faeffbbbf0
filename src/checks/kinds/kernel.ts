/** What the running kernel says: its settings, and what is mounted. */
import type { MountCheck } from '../../recipe/schema/test-checks-schema.ts';
import { type Compared, compared, fails, outcomeOf, type Planned, present, unjudged } from '../planned.ts';

export const sysctlChecks = (values: Readonly<Record<string, string | number>>): Planned[] =>
  Object.entries(values).map(([name, wanted]) => ({
    rule: 'tests/sysctl',
    name: `sysctl ${name}`,
    asks: { sysctls: [name] },
    inside: ({ sysctls }) => {
      const found = sysctls.get(name);
      if (found === undefined)
        return fails(`the kernel has no ${name}`, { wanted: String(wanted), found: 'none', where: name });
      return outcomeOf(name, [compared('its value', String(wanted).replaceAll(/\s+/g, ' '), found)], { where: name });
    },
  }));

export const mountChecks = (check: MountCheck): Planned[] => [
  {
    rule: 'tests/mount',
    name: `mount ${check.path}`,
    inside: ({ mounts }) => {
      const { path } = check;
      const found = mounts.find((one) => one.path === path);
      if (found === undefined)
        return fails(`nothing is mounted on ${path}`, { wanted: 'mounted', found: 'not mounted', where: path });
      if ((check.free !== undefined || check.size !== undefined) && found.size === undefined)
        return unjudged(`the guest does not tell how large ${path} is`);
      const values: Compared[] = [
        ...(check.type === undefined ? [] : [compared('its type', check.type, found.type)]),
        ...(check.options ?? []).map((option) => present(`the option ${option}`, found.options.includes(option))),
        ...(check.free === undefined ? [] : [atLeast('what is free', check.free, found.free)]),
        ...(check.size === undefined ? [] : [atLeast('its size', check.size, found.size)]),
      ];
      return outcomeOf(path, values, { where: path });
    },
  },
];

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

const atLeast = (what: string, wanted: string, bytes: number | undefined): Compared => {
  const [, sign, amount, unit = 'M'] = /^(>=|>) *([\d.]+)([KMGT])$/.exec(wanted) ?? [];
  const least = Number(amount) * (UNITS[unit] ?? 1);
  const isRight = bytes !== undefined && (sign === '>' ? bytes > least : bytes >= least);
  return { what, wanted, found: bytes === undefined ? 'not known' : mebibytes(bytes), isRight };
};

export const mebibytes = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${Number((bytes / 2 ** 30).toFixed(2))}G` : `${Math.floor(bytes / 2 ** 20)}M`;
