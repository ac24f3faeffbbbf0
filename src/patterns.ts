/** Names and paths by pattern. A name: `*` stands for any letters. A path: `*` within a folder, `**` across folders. */

export const matchesName = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => compiled(pattern, '.*').test(name));

export const matchesPath = (patterns: readonly string[], path: string): boolean =>
  patterns.some((pattern) => compiled(pattern, '[^/]*').test(path));

const KNOWN = new Map<string, RegExp>();

/** `star`: what one asterisk stands for. A pattern is held against every file of an image. */
const compiled = (pattern: string, star: string): RegExp => {
  const key = `${star} ${pattern}`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const parts = pattern.split(/(\*+)/).map((part) => {
    if (!part.startsWith('*')) return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    return part.length > 1 ? '.*' : star;
  });
  const made = new RegExp(`^${parts.join('')}$`, 's');
  KNOWN.set(key, made);
  return made;
};
