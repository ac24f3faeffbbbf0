/**
 * A server in the guest, asked from within. Nothing is installed for it: curl where it is there, else bash speaks HTTP/1.0 by
 * itself; https without curl cannot be judged.
 */
import { shellQuote } from '../../host/command-line.ts';
import type { HttpCheck } from '../../recipe/schema/test-checks-schema.ts';
import { compared, fails, type GuestAnswer, type Outcome, outcomeOf, type Planned, unjudged } from '../planned.ts';
import { said } from '../text-fits.ts';
import { lastOf, tooLong } from './command.ts';

export const httpChecks = (check: HttpCheck): Planned[] => [
  {
    rule: 'tests/http',
    name: `http ${check.url}`,
    run: async (guest) => {
      const answer = await guest.run(askScript(check.url), { within: check.within });
      return answer === undefined ? tooLong(check.within) : judge(check, answer);
    },
  },
];

/** Exit status of a guest that has nothing to ask with. */
const NO_CLIENT = 77;

export const askScript = (url: string): string => {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const request = `GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const bash = `exec 3<>/dev/tcp/${hostname.replace(/^\[(.*)\]$/, '$1')}/${port || '80'} && printf %s ${shellQuote(request)} >&3 && cat <&3`;
  return [
    `if command -v curl >/dev/null 2>&1; then curl -sS -i -k --max-redirs 0 ${shellQuote(url)}`,
    ...(protocol === 'http:' ? [`elif [ -x /bin/bash ]; then /bin/bash -c ${shellQuote(bash)}`] : []),
    `else exit ${NO_CLIENT}; fi`,
  ].join('\n');
};

const judge = ({ url, status, body = [] }: HttpCheck, answer: GuestAnswer): Outcome => {
  if (answer.exitCode === NO_CLIENT) return unjudged(`${url}: the guest has nothing that could ask`);
  const [, code] = /^HTTP\/[\d.]+ (\d{3})/.exec(answer.stdout) ?? [];
  if (code === undefined)
    return fails(`${url} does not answer${lastOf(answer)}`, { wanted: String(status), found: 'no answer', where: url });
  const text = answer.stdout.slice(answer.stdout.search(/\r?\n\r?\n/));
  const values = [compared('its status', status, code), ...body.map((pattern) => said(pattern, 'the answer', text))];
  return outcomeOf(url, values, { where: url });
};
