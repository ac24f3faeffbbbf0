/**
 * What an unattended installation would still ask. The templates do not say what is asked: that is in the scripts, so
 * this is a list of what they ask at the priority `critical`, which no setting keeps quiet. It is a warning where the
 * file answers a part of a group; a group that is not there at all may be answered elsewhere.
 */

import type { Answer } from '../../../formats/preseed.ts';
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, type FindingReport, given, type PreseedContext, trimmed, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { COMMAND_QUESTIONS } from './commands.ts';
import { GROUPS, type Group } from './question-groups.ts';

const BEGUN = `d-i mirror/country string DE
d-i passwd/root-password-crypted password *
d-i passwd/make-user boolean false
d-i finish-install/reboot_in_progress note
d-i partman-auto/method string regular
`;

const unanswered: Rule = {
  name: 'preseed/unanswered',
  severity: 'warning',
  summary: 'Nothing answers a question that the installer asks in any case: it will wait there.',
  source: 'db_input critical in user-setup, partman-base, partman-auto-lvm, partman-md, partman-crypto and netcfg',
  bad: `${BEGUN}d-i partman/choose_partition select finish\n`,
  good: `${BEGUN}d-i partman/choose_partition select finish\nd-i partman/confirm boolean true\n`,
};

export const unansweredQuestions: Check = {
  rules: [unanswered],
  look(file, report, context) {
    if (context.unattended === false || isFragment(file)) return;
    if (context.unattended !== true && !isWhole(file)) return;
    const scripts = valued(file).filter(({ question }) => COMMAND_QUESTIONS.has(question.text));
    const set = scripts.map(({ value }) => value.text).join('\n');
    for (const group of GROUPS) checkGroup(group, file, set, report, context);
  },
};

/** The rest of the answers is elsewhere, or somebody is meant to be asked. */
export const isFragment = (file: PreseedFile): boolean =>
  ['preseed/include', 'preseed/include_command', 'preseed/run'].some((name) => given(file, name) !== undefined) ||
  given(file, 'preseed/interactive') === 'true' ||
  given(file, 'auto-install/classes') !== undefined;

const checkGroup = (
  group: Group,
  file: PreseedFile,
  scripts: string,
  report: FindingReport,
  { unattended, inInitrd }: PreseedContext,
): void => {
  const begun = valued(file).find(({ question }) => group.begun.test(question.text));
  const answered = (name: string): boolean =>
    isAnswered(file, answerTo(file, name)) || scripts.includes(name) || isMarkedSeen(file, name);
  // Asked before a file from elsewhere is read: the command line answers then.
  const severity = group.early && inInitrd !== true ? 'info' : group.severity;
  // What has a default is missed only by a file that is concerned with it.
  if (!begun && (group.severity !== undefined || group.early)) return;
  if (!group.applies((name) => given(file, name))) return;
  for (const needed of group.needs((name) => given(file, name))) {
    if (needed.some(answered)) continue;
    const [name = ''] = needed;
    const at = begun?.question ?? { line: 1, column: 1, endColumn: 1 };
    if (begun || unattended === true) {
      report(unanswered, at, `nothing answers ${needed.join(' or ')}, and the installer will ask`, {
        hint: group.hint,
        severity,
      });
    } else {
      // Where nothing of a group is answered and nobody said that the file is all there is, nothing is known.
      report(unanswered, at, `nothing answers ${name}`, { severity: 'info', hint: group.hint });
      break;
    }
  }
};

/**
 * An answer with an empty value is one as well (no password for root locks it), but no user is without a password, and
 * none without a name, unless the first word of the full one will do. A hash `!` of root is asked for again.
 */
const isAnswered = (file: PreseedFile, answer: Answer | undefined): boolean => {
  if (answer === undefined) return false;
  const value = trimmed(answer);
  const name = answer.question.text;
  if (name === 'passwd/root-password-crypted' && value === '!') return false;
  if (name === 'passwd/username' && value === '')
    return /^[a-z][-a-z0-9]*( |$)/i.test(given(file, 'passwd/user-fullname') ?? '');
  return value !== '' || !/user-password|crypted$|passphrase/.test(name);
};

/** A question that was seen is not asked: its default counts. */
const isMarkedSeen = ({ answers }: PreseedFile, name: string): boolean =>
  answers.some(({ question, type, value }) => question.text === name && type.text === 'seen' && value.text === 'true');

/** Enough of an installation for what is missing to be missed. */
const isWhole = (file: PreseedFile): boolean =>
  ['partman', 'netcfg/', 'mirror/', 'passwd/', 'grub-installer/', 'finish-install/'].filter((prefix) =>
    valued(file).some(({ question }) => question.text.startsWith(prefix)),
  ).length >= 3;
