/** What an installation writes at random or by the clock, as a family tells it: each rule gives the same bytes for every installation of the same. */

export interface CanonicalContext {
  /** Seconds since the epoch. */
  readonly time: number;
  /** Identifiers of the old disk, by those of the new one. */
  readonly renew: (content: Buffer) => Buffer;
}

export interface CanonicalRule {
  /** In a word or two. */
  readonly name: string;
  /** Files of the system, by their whole path. */
  readonly files: RegExp;
  /** The same in words, for docs/reproducible.md. */
  readonly where: string;
  /** What differs from one installation to the next. */
  readonly why: string;
  readonly what: string;
  /** `remove`, or what becomes of the content. */
  readonly make: 'remove' | ((content: Buffer, context: CanonicalContext) => Buffer | Promise<Buffer>);
}

export const ruleFor = (rules: readonly CanonicalRule[], path: string): CanonicalRule | undefined =>
  rules.find(({ files }) => files.test(path));
