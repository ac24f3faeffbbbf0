/** A report in the form that was asked for. */
import { PREDICATES } from '../../formats/reports/predicates.ts';
import { ingotVersion } from '../../host/project.ts';
import { reportCycloneDx } from '../../vulns/report/cyclonedx.ts';
import { reportJson } from '../../vulns/report/json.ts';
import { reportOpenVex } from '../../vulns/report/openvex.ts';
import { vulnsPredicate } from '../../vulns/report/predicate.ts';
import { reportSarif } from '../../vulns/report/sarif.ts';
import type { Report } from '../../vulns/report.ts';
import type { FORMATS } from './formats.ts';
import { reportText } from './text.ts';

export const rendered = (report: Report, format: (typeof FORMATS)[number]): string => {
  const version = ingotVersion();
  switch (format) {
    case 'text':
      return reportText(report);
    case 'json':
      return reportJson(report);
    case 'sarif':
      return reportSarif(report);
    case 'cyclonedx-vex':
      return reportCycloneDx(report, version);
    case 'openvex':
      return reportOpenVex(report, version);
    case 'in-toto':
      return `${JSON.stringify({ predicateType: PREDICATES.vulnerabilities, predicate: vulnsPredicate(report, version) }, null, 2)}\n`;
  }
};
