/** Findings as SARIF, for code scanners. */
import { sarifArtifact, sarifLog } from '../../formats/reports/sarif.ts';
import type { Finding, Severity } from '../finding.ts';
import { failureFinding, type Report } from '../lint-report.ts';
import type { Rule } from '../rule.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

export const formatSarif = (report: Report, rules: readonly Rule[]): string => {
  const { failed, checked } = report;
  const findings = [...report.findings, ...failed.map(failureFinding)];
  const used = rules.filter(({ name }) => findings.some(({ rule }) => rule === name));
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    level: LEVELS[finding.severity],
    message: { text: finding.hint === undefined ? finding.message : `${finding.message} ${finding.hint}` },
    locations: [{ physicalLocation: { artifactLocation: sarifArtifact(finding.file), region: region(finding) } }],
    ...(finding.replacement === undefined ? {} : { fixes: [fix(finding, finding.replacement)] }),
  }));
  return sarifLog({
    rules: used.map(({ name, severity, summary, source }) => ({
      id: name,
      shortDescription: { text: summary },
      help: { text: source },
      defaultConfiguration: { level: LEVELS[severity] },
    })),
    invocation: { executionSuccessful: failed.length === 0 },
    properties: { checked },
    results,
  });
};

const region = ({ line, column, endColumn }: Finding) => ({ startLine: line, startColumn: column, endColumn });

const fix = (finding: Finding, text: string) => ({
  description: { text: finding.hint ?? `Write: ${text}` },
  artifactChanges: [
    {
      artifactLocation: sarifArtifact(finding.file),
      replacements: [{ deletedRegion: region(finding), insertedContent: { text } }],
    },
  ],
});
