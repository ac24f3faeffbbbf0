/** Findings as one JSON document: `{"findings": […], "errors": n, "warnings": n, "infos": n}`. */
import type { Finding } from '../finding.ts';

export const formatJson = (findings: readonly Finding[]): string => {
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const document = { findings, errors: count('error'), warnings: count('warning'), infos: count('info') };
  return `${JSON.stringify(document, null, 2)}\n`;
};
