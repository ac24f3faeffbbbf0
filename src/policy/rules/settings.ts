/** What configuration files say: sshd, sysctl, mounts. */
import { type Findings, fails, type PolicyFacts } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';
import { mountOptions } from './mount-options.ts';
import { mayBeForRoot, type SshdSettings, type SshdValue, sshdSettings } from './sshd-settings.ts';
import { type SysctlSettings, sysctlSettings } from './sysctl-settings.ts';

type Value = string | number | readonly (string | number)[];

export const judgeSettings = async (
  { sshd, sysctl, mounts }: NonNullable<Policy['settings']>,
  { subject: { files } }: PolicyFacts,
): Promise<Findings> => {
  const said = sshd && (await sshdSettings(files));
  const kernel = sysctl && (await sysctlSettings(files));
  const mounted = mounts && (await mountOptions(files));
  return [
    ...(said === undefined ? [] : judgedSshd(sshd ?? {}, said)),
    ...(kernel === undefined ? [] : judgedSysctl(sysctl ?? {}, kernel)),
    ...Object.entries(mounts ?? {}).flatMap(([path, options]) => {
      const found = mounted?.get(path);
      const missing = options.filter((option) => !found?.includes(option));
      if (missing.length === 0) return [];
      const message =
        found === undefined
          ? `${path} is no file system of its own`
          : `${path} is mounted without ${missing.join(', ')}`;
      return [
        fails(
          'settings.mounts',
          message,
          path,
          'Give the partition these options (answers.disk), or a mount unit in a step.',
        ),
      ];
    }),
  ];
};

const judgedSshd = (wanted: Readonly<Record<string, Value>>, { forAll, forSome }: SshdSettings): Findings =>
  Object.entries(wanted).flatMap(([key, value]) => {
    const keyword = key.toLowerCase();
    const some = forSome.filter(
      (one) => one.keyword === keyword && (keyword !== 'permitrootlogin' || mayBeForRoot(one.match)),
    );
    const judge = (found: SshdValue | undefined, whom: string, hint: string): Findings => {
      if (found !== undefined && isAllowed(value, found.value)) return [];
      const is = found === undefined ? 'is not set' : `is ${found.value}`;
      const line = found?.at === undefined ? '' : ` (line ${found.at.line})`;
      const message = `${key} ${is}${whom}${line}, wanted is ${eitherOf(allowedOf(value))}`;
      return [fails('settings.sshd', message, found?.at?.path ?? '/etc/ssh/sshd_config', hint)];
    };
    return [
      ...judge(
        forAll.get(keyword),
        '',
        'Say it in /etc/ssh/sshd_config.d/00-policy.conf, in a step: the first value counts.',
      ),
      ...some.flatMap((one) => judge(one, ` for \`Match ${one.match}\``, 'Take it out of the block, in a step.')),
    ];
  });

const allowedOf = (value: Value): string[] => (Array.isArray(value) ? value : [value]).map(String);
const isAllowed = (value: Value, found: string): boolean =>
  allowedOf(value).some((one) => one.toLowerCase() === found.toLowerCase());

const judgedSysctl = (wanted: Readonly<Record<string, Value>>, settings: SysctlSettings): Findings =>
  Object.entries(wanted).flatMap(([key, value]) => {
    const found = settings(key);
    if (found !== undefined && isAllowed(value, found.value)) return [];
    const is = found === undefined ? 'is not set' : `is ${found.value} (line ${found.line})`;
    const message = `${key} ${is}, wanted is ${eitherOf(allowedOf(value))}`;
    const hint = 'Say it in /etc/sysctl.d/99-policy.conf, in a step: the last value counts.';
    return [fails('settings.sysctl', message, found?.path ?? '/etc/sysctl.d', hint)];
  });

/** `1, 2 or 3` */
const eitherOf = (values: readonly string[]): string =>
  [values.slice(0, -1).join(', '), values.at(-1) ?? ''].filter((part) => part !== '').join(' or ');
