/** What a linter says about one place of a file. */
import type { Place } from '../formats/text-place.ts';

/** error: the installer would stop or do something else than is written. warning: it works, but probably not as meant. */
export type Severity = 'error' | 'warning' | 'info';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

export interface Finding extends Place {
  /** Stable name of the rule: `preseed/unknown-question`. */
  readonly rule: string;
  readonly severity: Severity;
  /** The file as the user names it. */
  readonly file: string;
  /** One sentence: what is wrong, with the values concerned. */
  readonly message: string;
  /** What to do, in one sentence. */
  readonly hint?: string | undefined;
  /** What the text from `column` to `endColumn` should be, when that is certain. */
  readonly replacement?: string | undefined;
}

/** By file, line, column, rule; the same finding once. */
export const sorted = (findings: readonly Finding[]): readonly Finding[] => {
  const seen = new Set<string>();
  return [...findings]
    .sort(
      (one, other) =>
        compare(one.file, other.file) ||
        one.line - other.line ||
        one.column - other.column ||
        compare(one.rule, other.rule),
    )
    .filter((finding) => {
      const key = JSON.stringify([finding.file, finding.line, finding.column, finding.rule, finding.message]);
      return !seen.has(key) && seen.add(key);
    });
};

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Whether one of them is of the severity or worse. */
export const anyOf = (findings: readonly Finding[], severity: Severity): boolean =>
  findings.some((finding) => SEVERITIES.indexOf(finding.severity) <= SEVERITIES.indexOf(severity));
