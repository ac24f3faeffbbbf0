/** The report of a test in each format that can be asked for. */
import { junitText } from '../../checks/report/junit.ts';
import { testResultPredicate } from '../../checks/report/predicate.ts';
import { judgementOf, type TestReport } from '../../checks/report/report.ts';
import { tapText } from '../../checks/report/tap.ts';
import { reportText } from '../../checks/report/text.ts';
import { PREDICATES } from '../../formats/reports/predicates.ts';
import { judgedSarif } from '../../formats/reports/sarif.ts';

export const REPORT_FORMATS = ['text', 'tap', 'junit', 'sarif', 'json', 'in-toto'] as const;

const FORMATS: Readonly<Record<(typeof REPORT_FORMATS)[number], (report: TestReport) => string>> = {
  text: reportText,
  tap: tapText,
  junit: junitText,
  sarif: (report) => judgedSarif({ subject: report.image.file, checks: [judgementOf(report)] }),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  'in-toto': (report) =>
    `${JSON.stringify({ predicateType: PREDICATES.tests, predicate: testResultPredicate(report) }, null, 2)}\n`,
};

export const formatted = (report: TestReport, format: keyof typeof FORMATS): string => FORMATS[format](report);
