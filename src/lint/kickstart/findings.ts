/** How a check tells what it has found. */
import { suggest } from '../../suggest.ts';
import type { Finding, Severity } from '../finding.ts';
import type { Line } from './kickstart-document.ts';
import { severityOf } from './rules.ts';
import type { Word } from './words.ts';

export interface Advice {
  readonly hint?: string | undefined;
  /** Lower than the rule's usual one. */
  readonly severity?: Severity;
  readonly replacement?: string | undefined;
}

/** A word, or from a column to the line's end. */
export type Spot = Pick<Word, 'column' | 'endColumn'> | number;

export interface Tell {
  /** `rule` is without `kickstart/`. */
  (rule: string, line: Line, spot: Spot, message: string, advice?: Advice): void;
  /** The name that may have been meant. */
  readonly near: (word: string, known: Iterable<string>) => string | undefined;
}

/** Linting has to end even for a file of megabytes that is not a kickstart file at all. */
const MOST_FINDINGS = 2000;
const MOST_LOOKUPS = 200;
const LONGEST_NAME = 40;

export const collector = (): { readonly findings: readonly Finding[]; readonly tell: Tell } => {
  const findings: Finding[] = [];
  let lookups = 0;
  const near = (word: string, known: Iterable<string>): string | undefined =>
    word.length > LONGEST_NAME || lookups++ > MOST_LOOKUPS ? undefined : suggest(word, known);
  const say = (name: string, line: Line, spot: Spot, message: string, advice: Advice = {}): void => {
    if (findings.length > MOST_FINDINGS) return;
    if (findings.length === MOST_FINDINGS && name !== 'too-long') {
      say('too-long', line, 1, `more than ${MOST_FINDINGS} findings: what else there is was left out`);
      return;
    }
    const { hint, severity, replacement } = advice;
    const column = typeof spot === 'number' ? spot : spot.column;
    const end = typeof spot === 'number' ? line.text.trimEnd().length + 1 : spot.endColumn;
    const rule = `kickstart/${name}`;
    findings.push({
      rule,
      severity: severity ?? severityOf(rule),
      file: line.file.name,
      line: line.number,
      column,
      endColumn: Math.max(column, end),
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(replacement === undefined ? {} : { replacement }),
    });
  };
  return { findings, tell: Object.assign(say, { near }) };
};

const LONGEST = 60;

/** A value as it can stand in a message. */
export const shown = (text: string): string =>
  `\`${(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replaceAll(/\p{Cc}/gu, '?')}\``;
