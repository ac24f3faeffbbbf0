/** Confirmations that are answered with no. */
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, given, trimmed } from '../check.ts';
import { isStatic } from './network.ts';

const refused: Rule = {
  name: 'preseed/refused-confirmation',
  severity: 'warning',
  summary: 'What the installer asks before it goes on is answered with false: it goes back, and waits there.',
  source: 'partman-base, partman-lvm, partman-md, netcfg; installation guide, appendix B.4.7',
  bad: 'd-i partman/confirm boolean false\n',
  good: 'd-i partman/confirm boolean true\n',
};

export const refusals: Check = {
  rules: [refused],
  look(file, report) {
    const method = given(file, 'partman-auto/method') ?? '';
    const asked = [
      ...['partman/confirm', 'partman/confirm_nooverwrite'],
      ...(/^(lvm|crypto)$/.test(method) ? ['partman-lvm/confirm', 'partman-lvm/confirm_nooverwrite'] : []),
      ...(method === 'raid' ? ['partman-md/confirm', 'partman-md/confirm_nooverwrite'] : []),
      ...(isStatic(file) ? ['netcfg/confirm_static'] : []),
    ];
    for (const name of asked) {
      const answer = answerTo(file, name);
      if (answer && trimmed(answer) === 'false')
        report(refused, answer.value, `${name} is refused, and the installer goes back`, {
          hint: 'Write true.',
          replacement: 'true',
        });
    }
  },
};
