/** The files of a report, beside the image and in the run folder. */
import { junitText } from './junit.ts';
import type { TestReport } from './report.ts';
import { tapText } from './tap.ts';

/** By their names; none without tests. */
export const testFiles = (report: TestReport | undefined): Readonly<Record<string, string>> =>
  report === undefined
    ? {}
    : {
        'tests.json': `${JSON.stringify(report, null, 2)}\n`,
        'tests.tap': tapText(report),
        'tests.xml': junitText(report),
      };
