/** Codes of countries (ISO 3166) and languages (ISO 639), as the installers' scripts compare them. */
import { own } from '../own.ts';

const exists = (type: 'language' | 'region', code: string): boolean => {
  try {
    return new Intl.DisplayNames('en', { type, fallback: 'none' }).of(code) !== undefined;
  } catch {
    return false;
  }
};

export const isLanguage = (code: string): boolean => /^[a-z]{2,3}$/.test(code) && exists('language', code);

/** In capitals, and by the name that is used today. */
export const isCountry = (code: string): boolean => /^[A-Z]{2}$/.test(code) && countryMeant(code) === code;

/** People write the code of the language where the country's is asked for. */
const BY_LANGUAGE: Readonly<Record<string, string>> = {
  CS: 'CZ',
  DA: 'DK',
  EL: 'GR',
  JA: 'JP',
  KO: 'KR',
  SL: 'SI',
  ZH: 'CN',
};

/** The right code for one in small letters, of old (UK, SU) or of a language; undefined when none is near. */
export const countryMeant = (code: string): string | undefined => {
  const capitals = code.toUpperCase();
  if (!/^[A-Z]{2}$/.test(capitals)) return undefined;
  const [canonical = ''] = Intl.getCanonicalLocales(`und-${capitals}`);
  const region = canonical.slice(canonical.indexOf('-') + 1);
  // Codes such as ZZ, XA and EU are known to the locale data and are no countries.
  if (exists('region', region) && !/^(ZZ|XA|XB|EU|EZ|UN|QO)$/.test(region)) return region;
  return own(BY_LANGUAGE, capitals);
};
