/** As a Code Quality report of GitLab: an array of findings, each with a fingerprint by which it is known in the next run. */
import { createHash } from 'node:crypto';
import type { Judgement, Verdict } from '../../judgement.ts';

const SEVERITIES: Readonly<Record<Verdict, string>> = { holds: 'info', fails: 'major', unjudged: 'minor' };

export const gitlabJudgements = (subject: string, checks: readonly Judgement[]): string => {
  const findings = checks.flatMap(({ check, verdict, found }) => [
    // A check that says nothing of its own but does not hold would look like one without findings.
    ...(verdict === 'holds' || found.length > 0
      ? []
      : [{ rule: check, verdict, message: `${check}: ${verdict}`, where: undefined, hint: undefined }]),
    ...found,
  ]);
  const report = findings.map(({ rule, verdict, message, where, hint }) => ({
    description: hint === undefined ? message : `${message}. ${hint}`,
    check_name: rule,
    fingerprint: createHash('sha256')
      .update([subject, rule, where ?? message].join('\0'))
      .digest('hex'),
    severity: SEVERITIES[verdict],
    location: { path: subject, lines: { begin: 1 } },
  }));
  return `${JSON.stringify(report, null, 2)}\n`;
};
