/**
 * A report as one JSON document: `{"findings": […], "errors": n, "warnings": n, "infos": n, "files": […]}`, where
 * `files` says what each was checked for, and why some could not be checked.
 */
import { countOf, failureFinding, type Report } from '../lint-report.ts';

export const formatJson = ({ findings: found, checked, failed }: Report): string => {
  const findings = [...found, ...failed.map(failureFinding)];
  const document = {
    findings,
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    infos: countOf(findings, 'info'),
    files: [...checked, ...failed.map(({ file, code, message }) => ({ file, failed: code, message }))],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
};
