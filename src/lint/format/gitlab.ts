/** Findings as a Code Quality report of GitLab, which shows them next to the lines of a merge request. */
import { createHash } from 'node:crypto';
import { failureFinding, type Report } from '../lint-report.ts';

const SEVERITIES = { error: 'major', warning: 'minor', info: 'info' } as const;

export const formatGitlab = ({ findings, failed }: Report): string => {
  const report = [...findings, ...failed.map(failureFinding)].map(({ severity, file, line, rule, message, hint }) => ({
    description: hint === undefined ? message : `${message} ${hint}`,
    check_name: rule,
    fingerprint: createHash('sha256').update([file, rule, message, line].join('\0')).digest('hex'),
    severity: SEVERITIES[severity],
    location: { path: file, lines: { begin: line } },
  }));
  return `${JSON.stringify(report, null, 2)}\n`;
};
