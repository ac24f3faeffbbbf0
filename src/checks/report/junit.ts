/** Results as JUnit XML: a suite for each machine. */
import { junitXml } from '../../formats/reports/junit.ts';
import type { TestReport } from './report.ts';

export const junitText = ({ image, machines, results }: TestReport): string =>
  junitXml(
    image.file,
    [...Map.groupBy(results, ({ on }) => on)].map(([name, own]) => ({
      name,
      duration: machines.find((one) => one.name === name)?.duration ?? 0,
      cases: own.map(({ name, rule, verdict, message, found, wanted, hint, duration = 0 }) => ({
        ...{ group: `${image.file}.${rule}`, name, rule, verdict, message, duration },
        details: [wanted && `wanted: ${wanted}`, found && `found: ${found}`, hint],
      })),
    })),
  );
