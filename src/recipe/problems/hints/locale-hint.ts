/** Languages, keyboards and time zones as other programs write them. */
import { own } from '../../../own.ts';
import { suggest } from '../../../suggest.ts';
import { KEYBOARDS } from '../../values/keyboard.ts';
import { KEYBOARD_VARIANTS } from '../../values/keyboard-variants.ts';
import { KEYBOARD_LAYOUTS, LOCALES } from '../../values/known-names.ts';
import { type Hint, write } from './hint.ts';

/** `en_US`, `de_DE@euro`, `sr_RS@latin`, `en-us.utf8`, `de` to the name with its character set. */
export const localeHint: Hint = (value) => {
  if (/^(c|posix)(\.utf-?8)?$/i.test(value)) return write('C.UTF-8');
  const [, language = '', , country = '', modifier = ''] =
    /^([a-z]{2,3})([_-]([a-z]{2}))?(?:\.[a-z0-9-]+)?(@[a-z]+)?$/i.exec(value)?.map((part) => part ?? '') ?? [];
  if (language === '') return undefined;
  const of = (tail: string) => LOCALES.find((known) => known.toLowerCase() === tail.toLowerCase());
  const base = `${language}_${country}.UTF-8`;
  const found = country === '' ? undefined : (of(`${base}${modifier}`) ?? of(base));
  if (found !== undefined) return `Did you mean \`${found}\`?`;
  const some = LOCALES.filter((known) => known.toLowerCase().startsWith(`${language.toLowerCase()}_`)).slice(0, 4);
  return some.length === 0 ? undefined : `Did you mean one of ${some.map((known) => `\`${known}\``).join(', ')}?`;
};

/** Console keymaps, languages and other spellings of a layout with its variant. */
const KEYMAPS: Readonly<Record<string, string>> = {
  abnt2: 'br',
  'br-abnt2': 'br',
  bepo: 'fr(bepo)',
  colemak: 'us(colemak)',
  cs: 'cz',
  da: 'dk',
  dvorak: 'us(dvorak)',
  el: 'gr',
  en: 'us',
  english: 'us',
  et: 'ee',
  german: 'de',
  french: 'fr',
  ja: 'jp',
  jp106: 'jp',
  ko: 'kr',
  'la-latin1': 'latam',
  neo: 'de(neo)',
  'pt-latin1': 'pt',
  'sg-latin1': 'ch',
  sg: 'ch',
  sl: 'si',
  sv: 'se',
  'sv-latin1': 'se',
  uk: 'gb',
  'en-gb': 'gb',
  'en-us': 'us',
};

export const keyboardHint: Hint = (value) => {
  const word = value
    .trim()
    .toLowerCase()
    .replace(/\.utf-?8$/, '');
  const known = KEYMAPS[word.replace('_', '-')];
  if (known !== undefined) return write(known);
  const [layout = '', ...rest] = word.split(/[\s,:/_()-]+/).filter((part) => part !== '');
  const variant = rest.filter((part) => part !== 'latin1').join('-');
  // `de,us` are two layouts, although `de(us)` is one.
  if (/,/.test(word) && KEYBOARD_LAYOUTS.includes(layout) && KEYBOARD_LAYOUTS.includes(variant)) return TWO_LAYOUTS;
  const both = [variant, variant.replaceAll('-', '_')].map((name) => (name === '' ? layout : `${layout}(${name})`));
  const found = both.find((name) => KEYBOARDS.includes(name));
  if (found !== undefined) return write(found);
  if (KEYBOARD_LAYOUTS.includes(layout) && KEYBOARD_LAYOUTS.includes(variant)) return TWO_LAYOUTS;
  if (KEYBOARD_LAYOUTS.includes(layout) && variant !== '') return variantHint(layout, variant);
  const nearest = suggest(word, KEYBOARDS);
  return nearest === undefined ? undefined : `Did you mean \`${nearest}\`?`;
};

const TWO_LAYOUTS = 'Only one layout is set here; a step can set a second one (`localectl set-x11-keymap`).';

const variantHint = (layout: string, variant: string): string => {
  const all = own(KEYBOARD_VARIANTS, layout) ?? [];
  if (all.length === 0) return `${layout} has no variants.`;
  const meant = suggest(variant, all);
  return meant === undefined ? `Variants of ${layout}: ${all.join(', ')}.` : `Did you mean \`${layout}(${meant})\`?`;
};

/** Large cities that no zone is named after, where the nearest name would be a far-away one. */
const CITIES: Readonly<Record<string, string>> = {
  barcelona: 'Europe/Madrid',
  beijing: 'Asia/Shanghai',
  boston: 'America/New_York',
  cologne: 'Europe/Berlin',
  delhi: 'Asia/Kolkata',
  frankfurt: 'Europe/Berlin',
  geneva: 'Europe/Zurich',
  hamburg: 'Europe/Berlin',
  milan: 'Europe/Rome',
  mumbai: 'Asia/Kolkata',
  munich: 'Europe/Berlin',
  new_delhi: 'Asia/Kolkata',
  san_francisco: 'America/Los_Angeles',
  seattle: 'America/Los_Angeles',
  washington: 'America/New_York',
};

export const timezoneHint: Hint = (value) => {
  const [, sign, hours] = /^(?:UTC|GMT)([+-])0?(\d{1,2})(?::?00)?$/i.exec(value) ?? [];
  // POSIX counts westwards.
  if (sign !== undefined) return write(Number(hours) === 0 ? 'Etc/UTC' : `Etc/GMT${sign === '+' ? '-' : '+'}${hours}`);
  if (/^(utc|gmt|z|zulu|local|localtime)$/i.test(value)) return write('Etc/UTC');
  const all = Intl.supportedValuesOf('timeZone');
  const place = value.replaceAll(/\s+/g, '_').toLowerCase();
  const city = own(CITIES, place.split('/').at(-1) ?? '');
  if (city !== undefined) return write(city);
  const found =
    all.find((name) => name.toLowerCase() === place) ??
    all.find((name) => name.toLowerCase().endsWith(`/${place}`)) ??
    suggest(place, all);
  return found === undefined ? undefined : `Did you mean \`${found}\`?`;
};
