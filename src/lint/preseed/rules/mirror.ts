/** The mirror: its parts are asked one by one, and none of them is a whole address but the proxy. */
import { suggest } from '../../../suggest.ts';
import { isCountry } from '../../countries.ts';
import type { Rule } from '../../rule.ts';
import { shownValue } from '../check.ts';
import { type Form, formCheck, wordsOf } from './form.ts';
import { placeMeant } from './place.ts';

const mirrorPart: Rule = {
  name: 'preseed/mirror-address',
  severity: 'error',
  summary: 'Host, directory and proxy of the mirror each have their form; another cannot be fetched from.',
  source: 'installation guide, appendix B.4.4; choose-mirror',
  bad: 'd-i mirror/http/hostname string http://mirror.example.org\n',
  good: 'd-i mirror/http/hostname string mirror.example.org\n',
};

const suite: Rule = {
  name: 'preseed/suite',
  severity: 'warning',
  summary: 'A suite or a country of the mirror that looks like another one misspelled.',
  source: 'installation guide, appendix B.4.4',
  bad: 'd-i mirror/suite string bookwrom\n',
  good: 'd-i mirror/suite string bookworm\n',
};

const task: Rule = {
  name: 'preseed/task',
  severity: 'warning',
  summary: 'tasksel knows no such task and passes over it without a word.',
  source: "Debian's source package tasksel, tasks/",
  bad: 'tasksel tasksel/first multiselect standart, ssh-server\n',
  good: 'tasksel tasksel/first multiselect standard, ssh-server\n',
};

const SUITES = [
  ...['stable', 'oldstable', 'oldoldstable', 'testing', 'unstable', 'sid', 'experimental'],
  ...['stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky'],
];
const TASKS = [
  ...['standard', 'desktop', 'laptop', 'minimal', 'server', 'none', 'manual', 'openssh-server', 'ubuntu-desktop'],
  ...['gnome-desktop', 'gnome-flashback-desktop', 'kde-desktop', 'xfce-desktop', 'lxde-desktop', 'lxqt-desktop'],
  ...['mate-desktop', 'cinnamon-desktop', 'ssh-server', 'web-server', 'print-server', 'dns-server', 'file-server'],
  ...['mail-server', 'database-server', 'sql-database'],
];

const forms: readonly Form[] = [
  {
    rule: mirrorPart,
    question: /^mirror\/(http|https|ftp)\/hostname$|^apt-setup\/security_host$/,
    fault(value, question) {
      const [, host] = /^[a-z]+:\/\/([^/]+)/i.exec(value) ?? [];
      if (host !== undefined)
        return { message: `${question} is a host name, not an address`, replacement: host, hint: `Write ${host}.` };
      // The security host may carry the path of a mirror after it.
      if (question !== 'apt-setup/security_host' && value.includes('/'))
        return {
          message: `${shownValue(value)} is no host name`,
          hint: 'The path goes into the question for the directory.',
        };
      return /\s/.test(value) ? { message: `${shownValue(value)} is no host name` } : undefined;
    },
  },
  {
    rule: mirrorPart,
    question: /^mirror\/(http|https|ftp)\/directory$/,
    fault: (value) =>
      /^[a-z]+:\/\//i.test(value) || /\s/.test(value)
        ? { message: `${shownValue(value)} is no folder on a mirror`, hint: 'The path alone: `/debian`.' }
        : value.startsWith('/')
          ? undefined
          : {
              message: `${shownValue(value)} does not begin with /`,
              replacement: `/${value}`,
              severity: 'warning',
            },
  },
  {
    rule: mirrorPart,
    question: /^mirror\/(http|https|ftp)\/proxy$/,
    fault: (value) =>
      /^[a-z]+:\/\/\S+$/i.test(value)
        ? undefined
        : {
            message: `${shownValue(value)} is no address of a proxy`,
            hint: 'The form is `http://[user[:password]@]host[:port]/`; leave the value empty for none.',
          },
  },
  {
    rule: suite,
    question: /^mirror\/(udeb\/)?suite$/,
    fault(value) {
      if (SUITES.includes(value)) return undefined;
      if (/^\d+(\.\d+)?$/.test(value))
        return { message: `${value} is no suite`, hint: 'The code name, or stable.', severity: 'error' };
      const near = suggest(value, SUITES);
      return near === undefined
        ? undefined
        : { message: `${shownValue(value)} is no suite`, hint: `Did you mean ${near}?`, replacement: near };
    },
  },
  {
    rule: mirrorPart,
    question: 'mirror/protocol',
    fault: (value) =>
      /^(https?|ftp)$/.test(value)
        ? undefined
        : { message: `${shownValue(value)} is no protocol of a mirror`, hint: 'One of http, https, ftp.' },
  },
  {
    rule: suite,
    question: 'mirror/country',
    fault(value) {
      if (/^(manual|enter information manually)$/.test(value) || isCountry(value) || value.length > 12)
        return undefined;
      if (/^[a-z]{2}$/i.test(value))
        return { message: `${shownValue(value)} is no country code`, ...placeMeant(value) };
      const near = suggest(value, ['manual']);
      return near === undefined
        ? undefined
        : { message: `${shownValue(value)} is no country code`, hint: `Did you mean ${near}?`, replacement: near };
    },
  },
  {
    rule: task,
    question: /^tasksel\/(first|tasks)$/,
    fault(value) {
      const words = wordsOf(value);
      if (words.length > 1 && words.every((word) => TASKS.includes(word)))
        return { message: 'tasks are divided by commas', replacement: words.join(', ') };
      for (const part of wordsOf(value.replaceAll(',', ' '))) {
        const near = TASKS.includes(part) ? undefined : suggest(part, TASKS);
        // A name of some blend of Debian may be near by chance; two slips in a short word are not seen.
        if (near !== undefined && Math.abs(near.length - part.length) <= 1)
          return {
            message: `there is no task ${shownValue(part)}`,
            hint: `Did you mean ${near}?`,
            replacement: near,
            part,
          };
      }
      return undefined;
    },
  },
];

export const mirror = formCheck(forms);
