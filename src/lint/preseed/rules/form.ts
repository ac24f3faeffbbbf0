/** Values that have a form of their own: a table of questions for each rule, and the one loop over them. */
import type { Rule } from '../../rule.ts';
import { type Check, given, hasPlaceholder, isReadable, type More, meant, valued } from '../check.ts';

export interface FormFault extends More {
  readonly message: string;
  /** The part of the value that is wrong, when it is not all of it. */
  readonly part?: string;
}

/** The value of another question of the file. */
export type Given = (question: string) => string | undefined;

export interface Form {
  readonly rule: Rule;
  /** The question, or all that the pattern matches. */
  readonly question: string | RegExp;
  /** What is wrong with a value that is not empty. */
  readonly fault: (value: string, question: string, other: Given) => FormFault | undefined;
}

export const formCheck = (forms: readonly Form[]): Check => ({
  rules: [...new Set(forms.map(({ rule }) => rule))],
  look(file, report) {
    for (const answer of valued(file)) {
      const name = answer.question.text;
      const value = meant(answer.value.text);
      if (value === '' || !isReadable(answer) || value.length > 10_000 || hasPlaceholder(value)) continue;
      for (const { rule, question, fault } of forms) {
        if (typeof question === 'string' ? question !== name : !question.test(name)) continue;
        const found = fault(value, name, (other) => given(file, other));
        if (!found) continue;
        const part = found.part ?? value;
        const offset = Math.max(0, answer.value.text.indexOf(part));
        report(rule, answer.placeInValue(offset, part.length), found.message, found);
      }
    }
  },
});

/** Words divided by blanks. */
export const wordsOf = (value: string): string[] => value.split(/[ \t]+/).filter(Boolean);
