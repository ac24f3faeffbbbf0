/** A command in the guest, judged by how it ends and what it says. */
import type { CommandCheck } from '../../recipe/schema/test-checks-schema.ts';
import { compared, fails, type GuestAnswer, type Outcome, outcomeOf, type Planned } from '../planned.ts';
import { said } from '../text-fits.ts';

export const commandChecks = (check: CommandCheck): Planned[] => [
  {
    rule: 'tests/command',
    name: `command ${check.run.trim().split('\n')[0] ?? ''}`,
    run: async (guest) => {
      const answer = await guest.run(check.run, { within: check.within });
      return answer === undefined ? tooLong(check.within) : judge(check, answer);
    },
  },
];

export const tooLong = (within: number): Outcome =>
  fails(`it did not end within ${within / 1000} s`, { wanted: `an end within ${within / 1000} s`, found: 'none' });

const judge = ({ exit, stdout = [], stderr = [] }: CommandCheck, answer: GuestAnswer): Outcome => {
  const values = [
    compared('its exit status', exit, answer.exitCode),
    ...stdout.map((pattern) => said(pattern, 'its output', answer.stdout)),
    ...stderr.map((pattern) => said(pattern, 'its error output', answer.stderr)),
  ];
  const outcome = outcomeOf('the command', values);
  return outcome.verdict === 'holds' ? outcome : { ...outcome, message: `${outcome.message}${lastOf(answer)}` };
};

/** Its last words tell most about a failure. */
export const lastOf = ({ stdout, stderr }: Pick<GuestAnswer, 'stdout' | 'stderr'>): string => {
  const line = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  return line === '' ? '' : ` (${line.slice(0, 300)})`;
};
