/** What is said about all files of one call, for the formats. */
import { FILE_RULES } from './file-rules.ts';
import type { Finding, Severity } from './finding.ts';
import type { Reason } from './release.ts';
import type { SourceFile } from './source-file.ts';

/** A file that was linted. */
export interface Checked {
  readonly file: string;
  readonly kind: string;
  /** As people call it: `RHEL 9`, `Debian 12 (bookworm)`. */
  readonly release: string;
  readonly reason: Reason | 'medium';
}

/** A file that could not be linted. */
export interface Failed {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Report {
  readonly sources: readonly SourceFile[];
  readonly findings: readonly Finding[];
  readonly checked: readonly Checked[];
  readonly failed: readonly Failed[];
}

export const countOf = (findings: readonly Finding[], severity: Severity): number =>
  findings.filter((finding) => finding.severity === severity).length;

/** For programs that only read findings: so the file does not look like one without mistakes. */
export const failureFinding = ({ file, code, message, hint }: Failed): Finding => ({
  rule: FILE_RULES.notLinted.name,
  severity: FILE_RULES.notLinted.severity,
  file,
  line: 1,
  column: 1,
  endColumn: 1,
  message: `${message} [${code}]`,
  hint,
});

const MOST_NAMED = 3;

/** A release that nobody named, in one sentence for all files that it was taken for. */
export const assumptionsOf = (checked: readonly Checked[]): string[] => {
  const unnamed = checked.filter(({ reason }) => reason === 'assumed' || reason === 'guessed');
  return [...Map.groupBy(unnamed, ({ release, reason }) => `${reason} ${release}`).values()].map((group) => {
    const [{ release, reason } = { release: '', reason: '' }] = group;
    const names = group.slice(0, MOST_NAMED).map(({ file }) => file);
    const more = group.length > names.length ? ` and ${group.length - names.length} more` : '';
    const why = reason === 'guessed' ? 'by where the packages come from' : 'which neither a file nor --release named';
    return `checked for ${release}, ${why}: ${names.join(', ')}${more}`;
  });
};
