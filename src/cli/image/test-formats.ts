/** The report of a test in each format that can be asked for. */
import { junitText } from '../../checks/report/junit.ts';
import { testResultPredicate } from '../../checks/report/predicate.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { tapText } from '../../checks/report/tap.ts';
import { reportText } from '../../checks/report/text.ts';
import { PREDICATES } from '../../formats/predicates.ts';

export const REPORT_FORMATS = ['text', 'tap', 'junit', 'json', 'in-toto'] as const;

const FORMATS: Readonly<Record<(typeof REPORT_FORMATS)[number], (report: TestReport) => string>> = {
  text: reportText,
  tap: tapText,
  junit: junitText,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  'in-toto': (report) =>
    `${JSON.stringify({ predicateType: PREDICATES.tests, predicate: testResultPredicate(report) }, null, 2)}\n`,
};

export const formatted = (report: TestReport, format: keyof typeof FORMATS): string => FORMATS[format](report);
