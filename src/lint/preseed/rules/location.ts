/**
 * What localechooser asks at the priority `critical`, so that no setting keeps it quiet: the language, and where the
 * machine is. A locale with a country answers both; as soon as one of language and country is answered, each has to be.
 */
import { isLanguage } from '../../countries.ts';
import type { Rule } from '../../rule.ts';
import {
  answerTo,
  type Check,
  type FindingReport,
  given,
  hasPlaceholder,
  type PreseedContext,
  shownValue,
} from '../check.ts';
import { isFragment } from './unanswered.ts';

const location: Rule = {
  name: 'preseed/location',
  severity: 'error',
  summary: 'The answers about language and country leave one of the two open, and the installer asks in any case.',
  source: 'usr/bin/localechooser of the udeb localechooser: do_preseed, states 10 and 20',
  bad: 'd-i debian-installer/locale string C\n',
  good: 'd-i debian-installer/language string C\nd-i debian-installer/country string US\nd-i debian-installer/locale string C\n',
};

const NAMES = ['debian-installer/locale', 'debian-installer/language', 'debian-installer/country'];

export const locationQuestions: Check = {
  rules: [location],
  look(file, report, context) {
    const [locale, language, country] = NAMES.map((name) => given(file, name));
    const first = NAMES.flatMap((name) => answerTo(file, name) ?? [])[0];
    if (context.unattended === false || isFragment(file)) return;
    if ([locale, language, country].some((value) => value !== undefined && hasPlaceholder(value))) return;
    const open = whatIsOpen({ locale, language, country });
    if (!open || !first) {
      if (!first && context.unattended === true && context.inInitrd === true) tellNothing(report);
      return;
    }
    report(location, first.question, open.message, { hint: HINT, severity: severityIn(context, open.critical) });
  },
};

const HINT =
  'Answer debian-installer/language, debian-installer/country and debian-installer/locale (C, US and C will do), or give a locale such as en_US.UTF-8 alone.';

const tellNothing = (report: FindingReport): void =>
  report(location, { line: 1, column: 1, endColumn: 1 }, 'nothing answers the language and the country', {
    hint: HINT,
    // The kernel's command line may.
    severity: 'warning',
  });

/** A file that is fetched comes too late for these questions, which has a rule of its own. */
const severityIn = ({ inInitrd }: PreseedContext, critical: boolean) =>
  inInitrd === false ? 'info' : critical ? undefined : 'warning';

interface Answers {
  readonly locale: string | undefined;
  readonly language: string | undefined;
  readonly country: string | undefined;
}

interface Open {
  readonly message: string;
  /** Otherwise it is asked at `high`, which `auto=true` leaves out. */
  readonly critical: boolean;
}

const whatIsOpen = ({ locale, language, country }: Answers): Open | undefined => {
  if (language === undefined && country === undefined)
    return locale === undefined ? undefined : openAfterLocale(locale);
  if (language === undefined)
    return {
      critical: true,
      message: `with a country the language has to be answered as well: the installer asks for it`,
    };
  const code = language.split(':').find((one) => LANGUAGES.has(one));
  if (code === undefined)
    return { critical: true, message: `${shownValue(language)} is no language of the installer, which asks for one` };
  if (country !== undefined) return undefined;
  const critical = SHORT_LISTS.has(code) || SHORT_LISTS.has(firstOf(code)) || WITHOUT_COUNTRY.has(code);
  return {
    critical,
    message: 'with a language the country has to be answered as well: the installer asks where it is',
  };
};

const openAfterLocale = (locale: string): Open | undefined => {
  const [name = ''] = locale.split('.');
  // What is no locale at all has a rule of its own.
  if (!/^(C|[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?)$/.test(name) || (name !== 'C' && !isLanguage(firstOf(name))))
    return undefined;
  const language = [name, firstOf(name)].find((one) => LANGUAGES.has(one));
  if (language === undefined)
    return { critical: true, message: `the installer has no language for ${shownValue(locale)}, and asks for one` };
  if (name.includes('_')) return undefined;
  const critical = SHORT_LISTS.has(language) || WITHOUT_COUNTRY.has(language);
  return { critical, message: `${shownValue(locale)} says nothing of a country: the installer asks where it is` };
};

const firstOf = (name: string): string => name.split(/[_@]/, 1)[0] ?? '';

/** `languagelist.data` of the udeb. Which of them are offered depends on the console; C and en always are. */
const LANGUAGES: ReadonlySet<string> = new Set([
  ...['C', 'sq', 'am', 'ar', 'ast', 'bn', 'eu', 'be', 'bs', 'bg', 'my', 'ca', 'zh_CN', 'zh_TW', 'hr', 'cs', 'da', 'nl'],
  ...['dz', 'en', 'eo', 'et', 'fi', 'fr', 'gl', 'ka', 'de', 'el', 'gu', 'he', 'hi', 'hu', 'is', 'id', 'ga', 'it', 'ja'],
  ...['kab', 'kn', 'kk', 'km', 'ko', 'ku', 'lo', 'lv', 'lt', 'mk', 'ml', 'mr', 'ne', 'se_NO', 'nb_NO', 'nn_NO', 'oc'],
  ...[
    'fa',
    'pl',
    'pt',
    'pt_BR',
    'pa',
    'ro',
    'ru',
    'sr',
    'si',
    'sk',
    'sl',
    'es',
    'sv',
    'tl',
    'tg',
    'ta',
    'te',
    'th',
    'bo',
  ],
  ...['tr', 'uk', 'ug', 'vi', 'cy'],
]);

/** `/etc/shortlists`: languages of several countries, which are asked for at `critical`. */
const SHORT_LISTS: ReadonlySet<string> = new Set([
  ...[
    'ar',
    'bn',
    'bo',
    'ca',
    'de',
    'el',
    'en',
    'es',
    'eu',
    'fr',
    'it',
    'nl',
    'pa',
    'pt',
    'pt_BR',
    'ru',
    'sq',
    'sr',
    'sv',
  ],
  ...['ta', 'tr', 'zh_CN', 'zh_TW'],
]);

/** Their own locale has no country. */
const WITHOUT_COUNTRY: ReadonlySet<string> = new Set(['C', 'eo']);
