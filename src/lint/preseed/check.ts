/** What a check of preseed files is made of: the rules that it can report, and the function that looks. */

import type { Answer } from '../../formats/preseed.ts';
import type { Place } from '../../formats/text-place.ts';
import type { Finding, Severity } from '../finding.ts';
import { ODD } from '../odd-characters.ts';
import type { Rule } from '../rule.ts';
import type { PreseedFile } from './preseed-file.ts';
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

export type FindingReport = (rule: Rule, place: Place, message: string, more?: More) => void;

export interface Check {
  readonly rules: readonly Rule[];
  readonly look: (file: PreseedFile, report: FindingReport, context: PreseedContext) => void;
}

/** `report` for one file, and what was reported. */
export const preseedCollector = (name: string): { readonly report: FindingReport; readonly findings: Finding[] } => {
  const findings: Finding[] = [];
  const report: FindingReport = (rule, { line, column, endColumn }, message, more = {}) => {
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

/** d-i's own program does not look at the type, debconf's does (for packages); `error` and `title` are cdebconf's. */
export const TYPES = [
  'string',
  'boolean',
  'select',
  'multiselect',
  'password',
  'note',
  'text',
  'error',
  'title',
  'seen',
];

/** Whether a line can be read as it is; if not, other findings about it would only be consequences. */
export const isReadable = ({ owner, question, type }: Answer): boolean =>
  TYPES.includes(type.text) &&
  !owner.text.startsWith('#') &&
  !isTemplateLine(owner.text) &&
  !ODD.test(owner.text + question.text);

/** A line for a program that makes the file (Jinja, ERB, …): gone before the installer reads it. */
export const isTemplateLine = (text: string): boolean => /^(\{[%{#]|<%|%%?\s|%\w|\$\{)/.test(text);

/** An answer that was joined to the value of another. */
export const LOOKS_LIKE_ANSWER =
  / (?:d-i|tasksel|popularity-contest|[a-z][a-z0-9-]+)[ \t]+[a-z][\w-]*\/[\w./-]+[ \t]+(?:string|boolean|select|multiselect|password|note|seen)(?=[ \t]|$)/g;

/** A value without what its author did not mean to be in it and has rules of its own: quotation marks, a comment, … */
export const meant = (value: string): string =>
  (value.split(LOOKS_LIKE_ANSWER, 1)[0] ?? '')
    .replace(/\\[ \t]*$/, '')
    .replace(/[ \t]+#.*$/, '')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');

interface Index {
  readonly answers: readonly Answer[];
  readonly last: ReadonlyMap<string, Answer>;
}

const indexes = new WeakMap<PreseedFile, Index>();

/** Made once for a file: each check asks for it. */
const indexOf = (file: PreseedFile): Index => {
  const known = indexes.get(file);
  if (known) return known;
  const answers = file.answers.filter(({ type }) => type.text !== 'seen');
  const index = { answers, last: new Map(answers.map((answer) => [answer.question.text, answer])) };
  indexes.set(file, index);
  return index;
};

/** Lines that set a value (and not a flag). */
export const valued = (file: PreseedFile): readonly Answer[] => indexOf(file).answers;

/** What arrives: cdebconf strips a command's ends, so white space after a value of the installer's is lost. */
export const trimmed = (answer: Answer): string => answer.value.text.trim();

/** The last answer to a question counts. */
export const answerTo = (file: PreseedFile, question: string): Answer | undefined => indexOf(file).last.get(question);

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
export const shownValue = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57).trimEnd()}…` : text);
