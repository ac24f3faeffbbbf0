/** Findings as workflow commands of GitHub Actions, which shows them next to the lines ("Workflow commands", `::error`). */
import { assumptionsOf, failureFinding, type Report } from '../lint-report.ts';

const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const;

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

export const formatGithub = ({ findings, failed, checked }: Report): string =>
  [...findings, ...failed.map(failureFinding)]
    .map(({ severity, file, line, column, endColumn, rule, message, hint }) => {
      const place = `file=${property(file)},line=${line},col=${column},endColumn=${endColumn},title=${property(rule)}`;
      return `::${COMMANDS[severity]} ${place}::${data(hint === undefined ? message : `${message} ${hint}`)}\n`;
    })
    .concat(assumptionsOf(checked).map((sentence) => `::notice title=file/release::${data(sentence)}\n`))
    .join('');
