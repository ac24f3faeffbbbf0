/** The report as JSON, for programs: docs/vulnerabilities.md has its shape. */
import type { Report } from '../report.ts';

/** Raised when a field is taken away or means something else. */
const REPORT_VERSION = 1;

export const reportJson = (report: Report): string => {
  const { updates, ...rest } = report;
  const shown = updates && { ...updates, thirdParty: undefined };
  return `${JSON.stringify({ version: REPORT_VERSION, ...rest, updates: shown }, null, 2)}\n`;
};
