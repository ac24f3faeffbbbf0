/** A script of the user's own: run in the guest from its memory, TAP on its standard output. */
import type { SuiteCheck } from '../../recipe/schema/test-checks-schema.ts';
import { interpreterCall } from '../../recipe/scripts/shebang.ts';
import { fails, type GuestAnswer, type NamedOutcome, type Planned, unjudged } from '../planned.ts';
import { readTap } from '../tap-reader.ts';
import { lastOf, tooLong } from './command.ts';

export const suiteChecks = ({ file, within }: SuiteCheck, script: string): Planned[] => [
  {
    rule: 'tests/suite',
    name: `suite ${file}`,
    run: async (guest) => {
      const answer = await guest.run(runsIt(script), { within, stdin: script });
      return answer === undefined ? { ...tooLong(within), where: file } : suiteOutcomes(file, answer);
    },
  },
];

/** /run is in memory. By its first line where it has one, else by sh. */
const runsIt = (script: string): string => `file=$(mktemp /run/ingot-suite-XXXXXX) && cat > "$file" &&
${interpreterCall(script) ?? 'sh'} "$file" </dev/null; status=$?; rm -f "$file"; exit $status`;

/** One for each point. What is skipped was not judged, and a point that is still to do may fail. */
export const suiteOutcomes = (file: string, answer: GuestAnswer): NamedOutcome[] => {
  const { points, faults } = readTap(answer.stdout);
  const told = points.map(({ isOk, number, name, directive, reason, detail }): NamedOutcome => {
    const message = name === '' ? `test ${number}` : name;
    const shared = { name: `${number} ${message}`, where: file };
    if (directive === 'skip') return { ...unjudged(`${message}: skipped${reason ? `, ${reason}` : ''}`), ...shared };
    if (isOk || directive === 'todo') return { verdict: 'holds', message, ...shared };
    return { ...fails(message, { ...(detail === '' ? {} : { found: detail }) }), ...shared };
  });
  const hasFailed = told.some(({ verdict }) => verdict === 'fails');
  // Many scripts end with 1 when a test has failed; it says something new only where none has.
  const status =
    answer.exitCode !== 0 && !hasFailed ? [`it ended with status ${answer.exitCode}${lastOf(answer)}`] : [];
  // A script that ran no test says best itself why.
  const whole = (told.length === 0 ? [...status, ...faults] : [...faults, ...status]).map(
    (text): NamedOutcome => ({ ...fails(text), name: 'as a whole', where: file }),
  );
  if (told.length === 0 && whole.length === 0)
    return [{ ...unjudged('it ran no tests'), name: 'as a whole', where: file }];
  return [...told, ...whole.slice(0, 1)];
};
