/** Judgements in the forms that people, programs and pipelines read. */

import { judgedSarif } from '../../formats/reports/sarif.ts';
import type { Judgement, Verdict } from '../../judgement.ts';
import { verifiedText } from '../verify/verified-text.ts';
import { githubJudgements } from './github.ts';
import { gitlabJudgements } from './gitlab.ts';
import { junitJudgements } from './junit.ts';

export const JUDGEMENT_FORMATS = ['text', 'json', 'junit', 'sarif', 'github', 'gitlab'] as const;

export type JudgementFormat = (typeof JUDGEMENT_FORMATS)[number];

interface Judgements {
  readonly verdict: Verdict;
  readonly checks: readonly Judgement[];
}

/** `subject`: what was judged, as the user named it. */
export const judgementText = (subject: string, found: Judgements, format: JudgementFormat): string => {
  switch (format) {
    case 'text':
      return `${verifiedText(subject, found)}\n`;
    case 'json':
      return `${JSON.stringify({ subject, ...found }, null, 2)}\n`;
    case 'junit':
      return junitJudgements(subject, found.checks);
    case 'sarif':
      return judgedSarif({ subject, checks: found.checks });
    case 'github':
      return githubJudgements(subject, found.checks);
    case 'gitlab':
      return gitlabJudgements(subject, found.checks);
    default:
      return format satisfies never;
  }
};
