/**
 * The parts of a recipe's URLs that only their server should see: a login, and the query with its token or signature. They are
 * not secrets of the recipe, and may be meant to be in the system; but logs and manifests do not need them.
 */

/** Shorter values would make logs unreadable. */
const SHORTEST = 6;
/** A word of a query that is no token (`bookworm`) stays readable by itself. */
const LONG = 20;
const TELLING = /token|key|sig|secret|pass|pwd|auth|cred|code|session/i;

/** As written and decoded, the longest first. */
export const urlSecrets = (recipe: unknown): string[] => {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string') for (const one of ofUrl(value)) found.add(one);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(recipe);
  return [...found].filter((text) => text.length >= SHORTEST).sort((one, other) => other.length - one.length);
};

const ofUrl = (text: string): string[] => {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return [];
  const login = /^[^/]+:\/\/([^/?#]*)@/.exec(text)?.[1];
  const query = /\?([^#]+)/.exec(text)?.[1];
  const values = [...new URLSearchParams(query ?? '')].flatMap(([name, value]) =>
    TELLING.test(name) || value.length >= LONG ? [value] : [],
  );
  const password = login?.slice(login.indexOf(':') + 1);
  return [login, password && decoded(password), query, query && decoded(query), ...values].flatMap((one) => one ?? []);
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** For a manifest: without login, query and fragment. */
export const withoutUrlSecrets = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text.replace(/^([^/]+:\/\/)[^/?#]*@/, '$1').replace(/[?#].*$/, '') : text;
