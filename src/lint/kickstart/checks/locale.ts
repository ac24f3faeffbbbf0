/** Time zone and language, which the installer takes only by names that it knows. */
import { shown } from '../findings.ts';
import { type CheckContext, named } from './context.ts';

export const checkLocale = (context: CheckContext): void => {
  for (const { line, args } of named(context, 'timezone')) {
    const [zone] = args.positional;
    if (!zone || isTimezone(zone.text)) continue;
    const near = context.tell.near(zone.text, Intl.supportedValuesOf('timeZone'));
    context.tell('timezone', line, zone, `${shown(zone.text)} is not a time zone of the tz database`, {
      hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    });
  }
  for (const { line, args } of named(context, 'lang')) {
    const [language] = args.positional;
    if (language && !/^([a-z]{2,3}([_-][A-Za-z]{2,4})?([.@]\S+)?|C(\.\S+)?|POSIX)$/.test(language.text))
      context.tell('language', line, language, `${shown(language.text)} is not a locale such as en_US.UTF-8`);
  }
};

/** Node takes any case; the files under /usr/share/zoneinfo have one. */
const isTimezone = (name: string): boolean => {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    // Old names that ICU leaves out.
    return /^(posix|right)\//.test(name) || OLD_NAMES.has(name);
  }
};

const OLD_NAMES: ReadonlySet<string> = new Set(['Factory', 'US/Pacific-New']);
