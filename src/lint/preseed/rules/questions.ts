/** Whether the questions exist. */

import type { Answer } from '../../../formats/preseed.ts';
import { own } from '../../../own.ts';
import { editDistance } from '../../../suggest.ts';
import type { Rule } from '../../rule.ts';
import { type Check, type FindingReport, given, isReadable, shownValue } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { knowledgeOf, prefixOf, suggestQuestion, type TemplateSet, templateOf } from '../templates.ts';
import { DEPRECATED } from './deprecated.ts';
import { severityFor } from './stops.ts';

const unknown: Rule = {
  name: 'preseed/unknown-question',
  severity: 'error',
  summary:
    'No component of this release asks the question, so its answer is kept by nobody and the real one stays open.',
  source: 'the templates of the release or of the ISO',
  bad: 'd-i netcfg/get_hostnam string web1\n',
  good: 'd-i netcfg/get_hostname string web1\n',
};

const notChecked: Rule = {
  name: 'preseed/not-checked',
  severity: 'info',
  summary: 'The question belongs to a component whose templates are not at hand: neither right nor wrong.',
  source: 'the list of components in docs/lint-preseed.md',
  bad: 'my-package my-package/colour string blue\n',
  good: 'd-i pkgsel/include string my-package\n',
};

const shortName: Rule = {
  name: 'preseed/short-name',
  severity: 'error',
  summary: "Short names stand for questions on the kernel's command line only.",
  source: "preseed_aliases of d-i's source package preseed; installation guide, appendix B.2.3",
  bad: 'd-i hostname string web1\n',
  good: 'd-i netcfg/get_hostname string web1\n',
};

const deprecated: Rule = {
  name: 'preseed/deprecated-question',
  severity: 'warning',
  summary: 'The question was renamed or is not asked any more; an answer to it does nothing.',
  source: 'changelogs of the components, as quoted in src/lint/preseed/rules/deprecated.ts',
  bad: 'd-i console-setup/layoutcode string de\n',
  good: 'd-i keyboard-configuration/xkb-keymap select de\n',
};

export const questions: Check = {
  rules: [unknown, notChecked, shortName, deprecated],
  look(file, report, { templates }) {
    const said = new Set<string>();
    for (const answer of file.answers) {
      const name = answer.question.text;
      if (!isReadable(answer) && !answer.question.text.includes('/')) continue;
      const full = own(SHORT_NAMES, name);
      if (full !== undefined) {
        report(shortName, answer.question, `${name} is a short name, for the kernel's command line only`, {
          replacement: full,
          hint: `Write ${full}.`,
          severity: full !== undefined && given(file, full) !== undefined ? 'info' : undefined,
        });
      } else if (name in DEPRECATED && !templates.questions.has(name)) {
        reportDeprecated(file, answer, report);
      } else if (!templateOf(templates, name) && !said.has(name)) {
        said.add(name);
        reportUnknown(file, answer, templates, said, report);
      }
    }
  },
};

/** Looking for what was meant takes time; a file with more unknown names than this is no preseed file. */
const MOST_SUGGESTED = 60;

const reportUnknown = (
  file: PreseedFile,
  answer: Answer,
  templates: TemplateSet,
  said: ReadonlySet<string>,
  report: FindingReport,
): void => {
  const name = answer.question.text;
  if (/[{}<>$%@]|__/.test(name)) return;
  const near = said.size > MOST_SUGGESTED ? undefined : suggestQuestion(templates, name);
  const knowledge = knowledgeOf(templates, name);
  // Where not all questions are known only a slip of the fingers is told from a question that is merely not known.
  if (near !== undefined && (knowledge === 'unknown' || editDistance(name, near) <= 2)) {
    report(unknown, answer.question, `there is no question ${shownValue(name)}`, {
      hint: `Did you mean ${near}?`,
      replacement: near,
      // Where the real one has its answer, this one is only too much.
      severity: given(file, near) === undefined ? severityFor(near) : 'warning',
    });
  } else if (knowledge === 'unknown' || !name.includes('/')) {
    const what = name.includes('/') ? ` of ${prefixOf(name)}…` : ', and every name has a slash';
    const severity = ofPackage(templates, name) ? 'info' : 'warning';
    report(unknown, answer.question, `there is no question ${shownValue(name)}${what}`, { severity });
  } else {
    report(notChecked, answer.question, `${name} belongs to a component that is not covered`);
  }
};

/** Packages are renewed more often than the installer, and the version of a mirror is not known here. */
const ofPackage = (templates: TemplateSet, name: string): boolean => {
  const prefix = prefixOf(name);
  return [...templates.questions.values()].some(
    (one) => one.name.startsWith(prefix) && templates.components.get(one.component)?.kind === 'package',
  );
};

const reportDeprecated = (file: PreseedFile, answer: Answer, report: FindingReport): void => {
  const instead = own(DEPRECATED, answer.question.text);
  const open = instead !== undefined && given(file, instead) === undefined;
  report(deprecated, answer.question, `${answer.question.text} is not asked any more`, {
    hint: instead === undefined ? 'Leave it out.' : `Answer ${instead} instead.`,
    severity: open && MATTERS.has(instead) ? undefined : 'info',
  });
};

/** New names whose answer is missed by everybody; what others are about is mostly on the kernel command line. */
const MATTERS: ReadonlySet<string> = new Set([
  'preseed/late_command',
  'preseed/early_command',
  'passwd/root-password-crypted',
]);

const SHORT_NAMES: Readonly<Record<string, string>> = {
  priority: 'debconf/priority',
  fb: 'debian-installer/framebuffer',
  language: 'debian-installer/language',
  country: 'debian-installer/country',
  locale: 'debian-installer/locale',
  theme: 'debian-installer/theme',
  auto: 'auto-install/enable',
  classes: 'auto-install/classes',
  file: 'preseed/file',
  url: 'preseed/url',
  domain: 'netcfg/get_domain',
  hostname: 'netcfg/get_hostname',
  interface: 'netcfg/choose_interface',
  protocol: 'mirror/protocol',
  suite: 'mirror/suite',
  modules: 'anna/choose_modules',
  recommends: 'base-installer/install-recommends',
  tasks: 'tasksel/first',
  desktop: 'tasksel/desktop',
  dmraid: 'disk-detect/dmraid/enable',
  keymap: 'keyboard-configuration/xkb-keymap',
  firmware: 'hw-detect/firmware-lookup',
};
