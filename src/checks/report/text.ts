/** Results for people: what fails first, then what was not judged, then how many hold. */
import { countsOf, type TestReport, type TestResult } from './report.ts';

const MARKS = { holds: '✔', fails: '✖', unjudged: '?' } as const;

export const reportText = ({ results, machines }: TestReport): string => {
  const told = (verdict: TestResult['verdict']) => results.filter((one) => one.verdict === verdict).map(lineOf);
  const boots = machines.map(
    ({ name, firmware, bus, bootTime, accelerator }) =>
      `${name}: ${firmware}, ${bus}${bootTime === undefined ? '' : `, booted in ${(bootTime / 1000).toFixed(1)} s`} (${accelerator})`,
  );
  const sum = results.length === 0 ? NOTHING : countsOf(results);
  return [...boots, ...told('holds'), ...told('unjudged'), ...told('fails'), sum, ''].join('\n');
};

/** Which is no pass. */
const NOTHING = 'nothing was judged: none of these tests can be read from the disk; without --static it is booted';

export const lineOf = ({ name, verdict, message, hint }: TestResult): string =>
  `${MARKS[verdict]} ${name}${message === '' ? '' : `: ${message}`}${verdict === 'fails' && hint !== undefined ? `\n  ${hint}` : ''}`;
