/** Questions that may be asked before the installer has read the file. */
import type { Rule } from '../../rule.ts';
import { type Check, given, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';

const early: Rule = {
  name: 'preseed/early-question',
  severity: 'warning',
  summary: 'The installer asks this before it reads a file from a medium or the network; the answer comes too late.',
  source: 'installation guide, appendix B.2 (preseeding methods) and B.4.1',
  bad: 'd-i debian-installer/locale string en_US.UTF-8\n',
  good: 'd-i mirror/country string manual\n',
};

const commandLine: Rule = {
  name: 'preseed/command-line-only',
  severity: 'info',
  summary: 'The answer matters before any file is read, so it has to be on the kernel command line.',
  source: 'installation guide, appendix B.2.3 and B.2.4',
  bad: 'd-i preseed/url string http://192.0.2.1/preseed.cfg\n',
  good: 'd-i preseed/include string more.cfg\n',
};

const LOCALE = /^(debian-installer\/(locale|language|country)|localechooser\/|keyboard-configuration\/)/;
const NETWORK = /^netcfg\//;
const COMMAND_LINE = /^(preseed\/(url|file)|auto-install\/(enable|classes)|debian-installer\/(framebuffer|theme))$/;

export const earlyQuestions: Check = {
  rules: [early, commandLine],
  look(file, report, { inInitrd }) {
    if (inInitrd === true) return;
    const fetched = inInitrd === undefined ? ', unless the file lies in the initrd' : '';
    const severity = inInitrd === undefined ? 'info' : undefined;
    const said = new Set<RegExp>();
    const tell = (pattern: RegExp, message: string, more: Parameters<typeof report>[3]): void => {
      for (const answer of valued(file)) {
        if (!pattern.test(answer.question.text)) continue;
        // One word about a group is enough while it is not known whether it is true.
        if (severity === 'info' && said.has(pattern)) return;
        said.add(pattern);
        report(early, answer.question, message, more);
      }
    };
    tell(LOCALE, `language, country and keyboard are asked before the file is read${fetched}`, {
      severity,
      hint: 'Give them on the kernel command line (`locale=… keymap=…`), or use `auto=true`, which asks later.',
    });
    if (!configuresAgain(file))
      tell(NETWORK, `the network is set up before a file is fetched over it${fetched}`, {
        // From a CD or a stick the file is read before the network is set up.
        severity: 'info',
        hint: 'Give the answer on the kernel command line (`interface=… hostname=…`).',
      });
    for (const { question } of valued(file)) {
      if (COMMAND_LINE.test(question.text))
        report(commandLine, question, `${question.text} does nothing in a file that is read already`);
    }
  },
};

/** Files from the network that set it up once more by hand, as the guide has it. */
const configuresAgain = (file: PreseedFile): boolean =>
  /netcfg/.test(`${given(file, 'preseed/early_command') ?? ''} ${given(file, 'preseed/run') ?? ''}`);
