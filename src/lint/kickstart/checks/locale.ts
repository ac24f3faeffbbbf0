/** Time zone, language and keyboard, which the installer takes only by names that it knows. */
import { own } from '../../../own.ts';
import { countryMeant, isCountry, isLanguage } from '../../countries.ts';
import { optionOf } from '../command-arguments.ts';
import { type Spot, shown, type Tell } from '../findings.ts';
import type { Line } from '../kickstart-document.ts';
import { consoleKeymaps, kickstartNames } from '../names.ts';
import { type CheckContext, commandsNamed } from './check-context.ts';

export const checkLocale = (context: CheckContext): void => {
  for (const { line, args } of commandsNamed(context, 'timezone')) {
    const [zone] = args.positional;
    if (zone && !isTimezone(zone.text)) tellTimezone(zone.text, line, zone, context.tell);
  }
  for (const { line, args } of commandsNamed(context, 'lang')) {
    const [language] = args.positional;
    if (language) checkLanguage(language.text, line, language, context.tell);
    const more = optionOf(args, '--addsupport');
    for (const name of more?.value?.split(',') ?? [])
      if (more && name.trim() !== '') checkLanguage(name.trim(), line, more.valueAt, context.tell);
  }
  for (const command of commandsNamed(context, 'keyboard')) {
    const { line, args } = command;
    const [both] = args.positional;
    if (both)
      checkKeymap(both.text, [...consoleKeymaps(), ...Object.keys(kickstartNames().layouts)], line, both, context.tell);
    const keymap = optionOf(args, '--vckeymap');
    if (keymap?.value) checkKeymap(keymap.value, consoleKeymaps(), line, keymap.valueAt, context.tell);
    const layouts = optionOf(args, '--xlayouts');
    for (const layout of layouts?.value?.split(',') ?? [])
      if (layouts && layout.trim() !== '') checkLayout(layout.trim(), line, layouts.valueAt, context.tell);
  }
};

const tellTimezone = (text: string, line: Line, spot: Spot, tell: Tell): void => {
  const near = tell.near(text, Intl.supportedValuesOf('timeZone'));
  tell('timezone', line, spot, `${shown(text)} is not a time zone of the tz database`, {
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    replacement: near,
  });
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

/** A language alone is completed by the installer; with a country it has to be one that glibc has. */
const LOCALE = /^([a-z]{2,3})(?:_([A-Z]{2}))?(?:\.([A-Za-z0-9-]+))?(@[A-Za-z]+)?$/;

const checkLanguage = (text: string, line: Line, spot: Spot, tell: Tell): void => {
  if (/^(C|POSIX)(\.[A-Za-z0-9-]+)?$/.test(text)) return;
  const [, language = '', country, , modifier = ''] = LOCALE.exec(text) ?? [];
  if (language === '') {
    const near = wellFormed(text);
    tell('language', line, spot, `${shown(text)} is not a locale such as en_US.UTF-8`, {
      hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
      replacement: near,
    });
  } else if (!isLanguage(language)) tell('language', line, spot, `there is no language ${shown(language)}`);
  else if (country !== undefined && !isCountry(country)) {
    const meant = countryMeant(country);
    tell('language', line, spot, `there is no country ${shown(country)}`, {
      hint: meant === undefined ? undefined : `Did you mean \`${text.replace(`_${country}`, `_${meant}`)}\`?`,
    });
  } else if (country !== undefined && !isInGlibc(`${language}_${country}`, modifier))
    tell('language', line, spot, `glibc has no locale ${shown(`${language}_${country}${modifier}`)}`, {
      // A later glibc may have it.
      severity: 'warning',
    });
};

const isInGlibc = (name: string, modifier: string): boolean =>
  kickstartNames().locales.some((one) => one === `${name}${modifier}` || (modifier === '@euro' && one === name));

/** What is only written in another way: `en-US`, `EN_us.utf8`. */
const wellFormed = (text: string): string | undefined => {
  const [, language = '', country = '', rest = ''] = /^([A-Za-z]{2,3})[_-]([A-Za-z]{2})([.@].*)?$/.exec(text) ?? [];
  const put = `${language.toLowerCase()}_${countryMeant(country) ?? ''}${rest}`;
  return LOCALE.test(put) ? put : undefined;
};

const checkKeymap = (text: string, known: readonly string[], line: Line, spot: Spot, tell: Tell): void => {
  // A file is loaded as it is.
  if (known.includes(text) || text.includes('/')) return;
  const near = own(KEYMAPS, text.toLowerCase()) ?? tell.near(text, known);
  tell('keyboard', line, spot, `${shown(text)} is not a keymap of the console`, {
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    // There are others than those that are known here.
    severity: near === undefined ? 'warning' : 'error',
  });
};

/** `LAYOUT` or `LAYOUT (VARIANT)`. */
const checkLayout = (text: string, line: Line, spot: Spot, tell: Tell): void => {
  const { layouts } = kickstartNames();
  const [, layout = '', variant] = /^(\w+)\s*(?:\(([^()]*)\))?$/.exec(text) ?? [];
  const variants = own(layouts, layout);
  if (variants && (variant === undefined || variant === '' || variants.includes(variant))) return;
  const [, base = '', rest = ''] = /^(\w+?)[-_](\S+)$/.exec(text) ?? [];
  const divided = Object.hasOwn(layouts, base) && layouts[base]?.includes(rest) ? `${base} (${rest})` : undefined;
  const word = variants
    ? tell.near(variant ?? '', variants)
    : (own(KEYMAPS, text.toLowerCase()) ?? tell.near(layout, Object.keys(layouts)));
  const near = divided ?? (variants && word !== undefined ? `${layout} (${word})` : word);
  const what = variants
    ? `the layout ${shown(layout)} has no variant ${shown(variant ?? '')}`
    : `${shown(text)} is not a layout of X`;
  tell('keyboard', line, spot, what, {
    hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    severity: near === undefined ? 'warning' : 'error',
  });
};

/** What people call them. */
const KEYMAPS: Readonly<Record<string, string>> = {
  en: 'us',
  en_us: 'us',
  'en-us': 'us',
  english: 'us',
  gb: 'gb',
  german: 'de',
  de_de: 'de',
  'de-de': 'de',
  french: 'fr',
  fr_fr: 'fr',
  spanish: 'es',
};
