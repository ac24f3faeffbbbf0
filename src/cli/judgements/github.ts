/** As workflow commands of GitHub Actions, which shows them on the page of the run ("Workflow commands", `::error`). */
import type { Judged, Judgement, Verdict } from '../../judgement.ts';

const COMMANDS: Readonly<Record<Verdict, string>> = { holds: 'notice', fails: 'error', unjudged: 'warning' };

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

export const githubJudgements = (subject: string, checks: readonly Judgement[]): string =>
  checks
    .flatMap(({ check, verdict, facts, found }) => [
      `::${COMMANDS[verdict]} title=${property(check)}::${data(`${subject}: ${verdict}; ${facts.join('; ')}`)}\n`,
      ...found.map((one) => command(subject, one)),
    ])
    .join('');

const command = (subject: string, { rule, verdict, message, where, hint }: Judged): string =>
  `::${COMMANDS[verdict]} title=${property(rule)}::${data([`${subject}: ${message}`, where && `(${where})`, hint].filter(Boolean).join(' '))}\n`;
