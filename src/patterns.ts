/** Names and paths by pattern. A name: `*` stands for any letters. A path: `*` within a folder, `**` across folders. */

export const matchesName = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => compiled(pattern, '.*').test(name));

export const matchesPath = (patterns: readonly string[], path: string): boolean =>
  patterns.some((pattern) => compiled(pattern, '[^/]*').test(path));

/** `star`: what one asterisk stands for. */
const compiled = (pattern: string, star: string): RegExp => {
  const parts = pattern.split(/(\*+)/).map((part) => {
    if (!part.startsWith('*')) return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    return part.length > 1 ? '.*' : star;
  });
  return new RegExp(`^${parts.join('')}$`, 's');
};
