/** Patterns of paths as dpkg and find(1) match them: fnmatch(3) without FNM_PATHNAME, so that `*` goes over slashes. */
import type { StripWork } from './strip.ts';

type Files = Extract<StripWork, { readonly kind: 'files' }>;

export const pathPattern = (pattern: string): RegExp => {
  const source = pattern.replaceAll(/\[!?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    if (part.length > 1) return part.replace('[!', '[^');
    return part.replace(/[.+^${}()|\\[\]]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
};

/** With the languages in the place of LANGUAGE; a pattern of a language is none without one. */
export const keptPatterns = ({ keep }: Files, languages: readonly string[]): string[] =>
  keep.flatMap((pattern) =>
    pattern.includes('LANGUAGE') ? languages.map((language) => pattern.replaceAll('LANGUAGE', language)) : [pattern],
  );

/** `de` of `LANG=de_DE.UTF-8`: of locale.conf(5) or /etc/default/locale. C and POSIX are no language. */
export const languagesIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/^\s*(?:export\s+)?(?:LANG|LANGUAGE|LC_[A-Z]+)=(.*)$/gm)]
      .flatMap(([, value = '']) => value.replaceAll(/["']/g, '').trim().split(':'))
      .map((locale) => locale.split(/[_.@]/)[0] ?? '')
      .filter((language) => /^[a-z]{2,3}$/.test(language)),
  ),
];

export const LOCALE_FILES = ['/etc/default/locale', '/etc/locale.conf'] as const;
