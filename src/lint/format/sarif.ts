/** Findings as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), for code scanners. */
import { pathToFileURL } from 'node:url';
import type { Finding, Severity } from '../finding.ts';
import { failureFinding, type Report } from '../lint-report.ts';
import type { Rule } from '../rule.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

export const formatSarif = (report: Report, rules: readonly Rule[], version: string): string => {
  const { failed, checked } = report;
  const findings = [...report.findings, ...failed.map(failureFinding)];
  const used = rules.filter(({ name }) => findings.some(({ rule }) => rule === name));
  const driver = {
    name: 'ingot',
    version,
    rules: used.map(({ name, severity, summary, source }) => ({
      id: name,
      shortDescription: { text: summary },
      help: { text: source },
      defaultConfiguration: { level: LEVELS[severity] },
    })),
  };
  const results = findings.map((finding) => ({
    ruleId: finding.rule,
    level: LEVELS[finding.severity],
    message: { text: finding.hint === undefined ? finding.message : `${finding.message} ${finding.hint}` },
    locations: [{ physicalLocation: { artifactLocation: artifact(finding.file), region: region(finding) } }],
    ...(finding.replacement === undefined ? {} : { fixes: [fix(finding, finding.replacement)] }),
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: failed.length === 0 }],
        properties: { checked },
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};

const region = ({ line, column, endColumn }: Finding) => ({ startLine: line, startColumn: column, endColumn });

const artifact = (file: string) => ({
  uri: file.startsWith('/') ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/'),
});

const fix = (finding: Finding, text: string) => ({
  description: { text: finding.hint ?? `Write: ${text}` },
  artifactChanges: [
    {
      artifactLocation: artifact(finding.file),
      replacements: [{ deletedRegion: region(finding), insertedContent: { text } }],
    },
  ],
});
