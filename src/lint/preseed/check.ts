/** What a check of preseed files is made of: the rules that it can report, and the function that looks. */
import type { Finding, Severity } from '../finding.ts';
import type { Rule } from '../rule.ts';
import type { Answer, Place, PreseedFile } from './parse.ts';
import type { TemplateSet } from './templates.ts';

export interface PreseedContext {
  readonly templates: TemplateSet;
  /** The answers lie in the initrd, so those to early questions are there in time; absent: not known. */
  readonly inInitrd?: boolean | undefined;
  /** Bytes of the disk that is installed to. */
  readonly diskSize?: number | undefined;
  /** Nobody is there to answer: true makes a question that is left open a warning; absent: not known. */
  readonly unattended?: boolean | undefined;
}

export interface More {
  readonly hint?: string | undefined;
  readonly replacement?: string | undefined;
  /** Lower than the rule's own. */
  readonly severity?: Severity | undefined;
}

export type Report = (rule: Rule, place: Place, message: string, more?: More) => void;

export interface Check {
  readonly rules: readonly Rule[];
  readonly look: (file: PreseedFile, report: Report, context: PreseedContext) => void;
}

/** `report` for one file, and what was reported. */
export const collector = (name: string): { readonly report: Report; readonly findings: Finding[] } => {
  const findings: Finding[] = [];
  const report: Report = (rule, { line, column, endColumn }, message, more = {}) => {
    findings.push({
      rule: rule.name,
      severity: more.severity ?? rule.severity,
      file: name,
      line,
      column,
      endColumn,
      message,
      hint: more.hint,
      replacement: more.replacement,
    });
  };
  return { report, findings };
};

/** Lines that set a value (and not a flag). */
export const valued = (file: PreseedFile): Answer[] => file.answers.filter(({ type }) => type.text !== 'seen');

/** What arrives: cdebconf strips a command's ends, so white space behind a value of the installer's is lost. */
export const trimmed = (answer: Answer): string => answer.value.text.trim();

/** The last answer to a question counts. */
export const answerTo = (file: PreseedFile, question: string): Answer | undefined =>
  file.answers.findLast((answer) => answer.question.text === question && answer.type.text !== 'seen');

/** The value of the last answer to a question, undefined when it has none or an empty one. */
export const given = (file: PreseedFile, question: string): string | undefined => {
  const answer = answerTo(file, question);
  const value = answer ? trimmed(answer) : '';
  return value === '' ? undefined : value;
};

/** A place holder of some template language: what will stand there is not known. */
export const hasPlaceholder = (text: string): boolean =>
  /\{\{|\}\}|\{%|<%|%>|\$\{|\$\(|`|(?:^|\W)\$[A-Za-z_]|@[A-Za-z_]+@|%[A-Za-z_]+%|__[A-Za-z_]+__|<[A-Za-z][\w -]*>/.test(
    text,
  );

/** A value shown in a message. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57).trimEnd()}…` : text);
