/** Language, country and time zone. */
import { suggest } from '../../../suggest.ts';
import { countryMeant, isCountry, isLanguage } from '../../countries.ts';
import type { Rule } from '../../rule.ts';
import { shownValue } from '../check.ts';
import { type Form, type FormFault, formCheck } from './form.ts';

const locale: Rule = {
  name: 'preseed/locale',
  severity: 'error',
  summary: 'A locale is `language_COUNTRY`, maybe with a character set; others are not known to the new system.',
  source: 'installation guide, appendix B.4.1; setlocale(3)',
  bad: 'd-i debian-installer/locale string en_us\n',
  good: 'd-i debian-installer/locale string en_US.UTF-8\n',
};

const zone: Rule = {
  name: 'preseed/time-zone',
  severity: 'error',
  summary: 'There is no such time zone; the installer asks for one.',
  source: 'tzsetup; installation guide, appendix B.4.6',
  bad: 'd-i time/zone string Europe/Berlim\n',
  good: 'd-i time/zone string Europe/Berlin\n',
};

const LOCALE = /^(?:C|POSIX|C\.(?:UTF-8|utf8)|[a-z]{2,3}(?:_[A-Z]{2})?(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?)$/;

/** A language or a country that nobody has: the installer asks for them. */
const unknownPart = (value: string): FormFault | undefined => {
  const [, language = '', country, charset] = /^([a-z]{2,3})(?:_([A-Z]{2}))?(?:\.([^@]+))?/.exec(value) ?? [];
  if (language !== '' && !isLanguage(language))
    return { message: `there is no language ${shownValue(language)}`, part: language };
  if (country !== undefined && !isCountry(country))
    return { message: `there is no country ${shownValue(country)}`, part: country, ...placeMeant(country) };
  return charset === undefined ||
    /^(utf-?8|iso-?8859-?\d+|koi8-?[rut]|euc-?\w+|big5.*|gb.*|cp\d+|tis-?620)$/i.test(charset)
    ? undefined
    : { message: `there is no character set ${shownValue(charset)}`, part: charset, severity: 'warning' };
};

/** What is to be written in the place of a code, where that is certain. */
export const placeMeant = (country: string): Pick<FormFault, 'hint' | 'replacement'> => {
  const code = countryMeant(country);
  return code === undefined ? { hint: 'Two capitals: `DE`.' } : { hint: `Write ${code}.`, replacement: code };
};

const localeFault = (value: string): FormFault | undefined => {
  if (LOCALE.test(value)) return unknownPart(value);
  const [, language = '', country = '', rest = ''] = /^([A-Za-z]{2,3})[_-]([A-Za-z]{2})([.@].*)?$/.exec(value) ?? [];
  const put = `${language.toLowerCase()}_${countryMeant(country) ?? country.toUpperCase()}${rest}`;
  const right = LOCALE.test(put);
  return {
    message: `${shownValue(value)} is no locale`,
    hint: right ? `Did you mean ${put}?` : 'The form is `en_US.UTF-8`.',
    replacement: right ? put : undefined,
  };
};

/** Names with a capital at the beginning of each part that has one; Intl itself does not mind the case. */
const isZone = (value: string): boolean => {
  if (/^(posix|right)\//.test(value)) return isZone(value.slice(value.indexOf('/') + 1));
  if (EXTRA_ZONES.has(value)) return true;
  // Takes 70 ms, the first time.
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
  } catch {
    return false;
  }
  return /^[A-Z]/.test(value);
};

/** What Intl does not know, and what servers have most often, which is not among its `supportedValuesOf`. */
const EXTRA_ZONES: ReadonlySet<string> = new Set([
  ...['Factory', 'localtime', 'posixrules'],
  ...['Etc/UTC', 'UTC', 'Etc/GMT', 'GMT'],
]);
/** By their names in small letters; made when it is needed. */
let zones: ReadonlyMap<string, string> | undefined;
const knownZones = (): ReadonlyMap<string, string> => {
  zones ??= new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]));
  return zones;
};

const zoneFault = (value: string): FormFault | undefined => {
  const exact = knownZones().get(value.toLowerCase());
  if (exact === undefined ? isZone(value) : exact === value) return undefined;
  const near = exact ?? suggest(value, knownZones().values());
  return {
    message: `there is no time zone ${shownValue(value)}`,
    hint: near === undefined ? 'A name below /usr/share/zoneinfo: `Europe/Berlin`.' : `Did you mean ${near}?`,
    replacement: near,
  };
};

const forms: readonly Form[] = [
  { rule: locale, question: 'debian-installer/locale', fault: localeFault },
  {
    rule: locale,
    question: 'localechooser/supported-locales',
    fault(value) {
      const part = value
        .split(/[ ,]+/)
        .find(
          (word) =>
            word !== '' &&
            !LOCALE.test(word) &&
            !/^(None|All|[A-Z][A-Z0-9-]+)$/i.test(word.replace(/^[a-z]{2,3}[_-].*/, '')),
        );
      return part === undefined
        ? undefined
        : { ...localeFault(part), message: `${shownValue(part)} is no locale`, part };
    },
  },
  {
    rule: locale,
    question: 'debian-installer/country',
    fault: (value) =>
      isCountry(value)
        ? undefined
        : { message: `${shownValue(value)} is no country code of two capitals`, ...placeMeant(value) },
  },
  {
    rule: locale,
    question: 'debian-installer/language',
    fault: (value) =>
      /^(?:C|[a-z]{2,3}(?:_[A-Z]{2})?(?:\.[\w-]+)?(?:@\w+)?(?::[\w.@:-]+)?)$/.test(value)
        ? undefined
        : { message: `${shownValue(value)} is no language code`, hint: 'Two or three small letters: `en`.' },
  },
  { rule: zone, question: 'time/zone', fault: zoneFault },
];

export const place = formCheck(forms);
