/** Answers without a value to questions that have to have one. */
import type { Severity } from '../../finding.ts';
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, given, isReadable, trimmed, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { COMMAND_QUESTIONS } from './commands.ts';
import { isStatic } from './network.ts';

const empty: Rule = {
  name: 'preseed/empty-value',
  severity: 'error',
  summary: 'A question that needs a value is answered with none: the installer asks it all the same, or stops.',
  source: 'netcfg, choose-mirror, tzsetup, localechooser, partman-auto, grub-installer',
  bad: 'd-i partman-auto/method string\n',
  good: 'd-i partman-auto/method string lvm\n',
};

type Needed = (file: PreseedFile) => boolean;
const always: Needed = () => true;

/** Whether the value is needed, and how bad it is that there is none. */
const NEEDED: ReadonlyMap<string, readonly [Needed, Severity]> = new Map<string, readonly [Needed, Severity]>([
  ['partman-auto/method', [always, 'error']],
  ['partman/choose_partition', [always, 'error']],
  ['netcfg/get_ipaddress', [isStatic, 'error']],
  ['netcfg/get_netmask', [(file) => isStatic(file) && !/\//.test(given(file, 'netcfg/get_ipaddress') ?? ''), 'error']],
  ['mirror/http/hostname', [(file) => given(file, 'mirror/country') === 'manual', 'error']],
  ['time/zone', [always, 'warning']],
  ['debian-installer/locale', [always, 'warning']],
  ['keyboard-configuration/xkb-keymap', [always, 'warning']],
  ['grub-installer/bootdev', [always, 'warning']],
  // DHCP may bring it.
  ['netcfg/get_hostname', [(file) => given(file, 'netcfg/hostname') === undefined, 'info']],
]);

export const emptyValues: Check = {
  rules: [empty],
  look(file, report) {
    const scripts = valued(file).filter(({ question }) => COMMAND_QUESTIONS.has(question.text));
    for (const [name, [needed, severity]] of NEEDED) {
      const answer = answerTo(file, name);
      if (!answer || !isReadable(answer) || trimmed(answer) !== '' || !needed(file)) continue;
      // A script may give it.
      if (scripts.some(({ value }) => value.text.includes(name))) continue;
      report(empty, answer.type, `${name} has no value`, { severity });
    }
  },
};
