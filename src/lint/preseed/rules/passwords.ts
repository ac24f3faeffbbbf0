/** Passwords: given twice, and as hashes that are some. */

import type { Answer } from '../../../formats/preseed.ts';
import type { Rule } from '../../rule.ts';
import { answerTo, type Check, type FindingReport, given, hasPlaceholder, trimmed, valued } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';

const again: Rule = {
  name: 'preseed/password-again',
  severity: 'error',
  summary: 'A password is asked twice, and both answers have to be there and the same; otherwise the installer stops.',
  source: "user-setup-ask of Debian's source package user-setup (password-mismatch)",
  bad: 'd-i passwd/root-password password secret\n',
  good: 'd-i passwd/root-password password secret\nd-i passwd/root-password-again password secret\n',
};

const clear: Rule = {
  name: 'preseed/password-clear',
  severity: 'info',
  summary: 'A password in clear text: whoever reads the file or the medium has it.',
  source: 'installation guide, appendix B.4.5 (account setup)',
  bad: 'd-i passwd/root-password password secret\nd-i passwd/root-password-again password secret\n',
  good: 'd-i passwd/root-password-crypted password *\n',
};

const hash: Rule = {
  name: 'preseed/password-hash',
  severity: 'error',
  summary: 'What is given as a crypted password is no hash of crypt(5), so nobody can log in with any password.',
  source: 'crypt(5), Available hashing methods',
  bad: 'd-i passwd/root-password-crypted password secret\n',
  good: 'd-i passwd/root-password-crypted password $1$abcdefgh$irWbblnpmw.5z7wgBnprh0\n',
};

const PAIRS = [
  'passwd/root-password',
  'passwd/user-password',
  'network-console/password',
  'grub-installer/password',
  'partman-crypto/passphrase',
];

export const passwords: Check = {
  rules: [again, clear, hash],
  look(file, report) {
    for (const question of PAIRS) checkPair(file, question, report);
    for (const answer of valued(file)) {
      if (answer.question.text.endsWith('-crypted')) checkHash(answer, report);
    }
  },
};

const checkPair = (file: PreseedFile, question: string, report: FindingReport): void => {
  const first = answerTo(file, question);
  const second = answerTo(file, `${question}-again`);
  const [one, other] = [first ? trimmed(first) : '', second ? trimmed(second) : ''];
  // A hash takes the place of both.
  const crypted = answerTo(file, `${question}-crypted`);
  const severity = isAsked(file, question) ? undefined : 'info';
  if (first && !second && one !== '' && !(crypted && trimmed(crypted) !== ''))
    report(again, first.question, `${question} has an answer, ${question}-again has none`, {
      hint: `Add \`${first.owner.text} ${question}-again password …\` with the same value.`,
      severity,
    });
  if (second && !first && other !== '' && !(crypted && trimmed(crypted) !== ''))
    report(again, second.question, `${question}-again has an answer, ${question} has none`, {
      hint: `Add \`${second.owner.text} ${question} password …\` with the same value.`,
      severity,
    });
  if (first && second && one !== other && !hasPlaceholder(one + other))
    report(again, second.value, `the passwords of ${question} and ${question}-again differ`, {
      hint: `Line ${first.question.line} has the other one.`,
      severity,
    });
  if (first && one !== '' && !hasPlaceholder(one))
    report(
      clear,
      first.value.text === '' ? first.question : first.value,
      `the password of ${question} is there to be read`,
      {
        hint:
          question === 'partman-crypto/passphrase' ? undefined : `Give ${question}-crypted, a hash of \`mkpasswd\`.`,
      },
    );
};

/** Nobody is asked for the password of an account that is not made; without root's login there is a user always. */
const isAsked = (file: PreseedFile, question: string): boolean => {
  const root = given(file, 'passwd/root-login') !== 'false';
  if (question === 'passwd/root-password') return root;
  return question !== 'passwd/user-password' || !root || given(file, 'passwd/make-user') !== 'false';
};

const checkHash = (answer: Answer, report: FindingReport): void => {
  const value = trimmed(answer);
  if (/\{\{|<%|\$\{|\$\(|@\w+@|%\w+%|__\w+__|^\$\w+$/.test(value)) return;
  if (value === '') {
    report(hash, answer.type, `${answer.question.text} is empty, as if it was not answered`, {
      hint: 'Give a hash of `mkpasswd`, or `*` for no password at all.',
      severity: 'warning',
    });
    return;
  }
  if (LOCKED.test(value) || HASHES.some((form) => form.test(value))) return;
  const [, method] = /^\$([^$]*)\$/.exec(value) ?? [];
  const why = method === undefined ? 'is no hash of crypt(5)' : `is no complete hash of the method ${method}`;
  report(hash, answer.placeInValue(0, value.length), `the value of ${answer.question.text} ${why}`, {
    hint: 'Make one with `mkpasswd -m sha-512` (package whois), and mind that the shell takes $ for its own.',
  });
};

/** Cannot be the hash of any password, on purpose. */
const LOCKED = /^[!*]|^x$/;

const C = '[./0-9A-Za-z]';
const HASHES: readonly RegExp[] = [
  new RegExp(`^${C}{13}$`),
  new RegExp(`^_${C}{19}$`),
  new RegExp(`^\\$1\\$[^$]{0,8}\\$${C}{22}$`),
  new RegExp(`^\\$5\\$(rounds=\\d+\\$)?[^$]{0,16}\\$${C}{43}$`),
  new RegExp(`^\\$6\\$(rounds=\\d+\\$)?[^$]{0,16}\\$${C}{86}$`),
  new RegExp(`^\\$2[abxy]?\\$\\d\\d\\$${C}{53}$`),
  new RegExp(`^\\$g?y\\$[^$]+\\$[^$]*\\$${C}{43}$`),
  new RegExp(`^\\$7\\$${C}{11,97}\\$${C}{43}$`),
  new RegExp(`^\\$sha1\\$\\d+\\$[^$]+\\$${C}{28}$`),
  /^\$(md5|3)\b/,
  /^grub\.pbkdf2\.sha512\.\d+\.[0-9A-Fa-f]+\.[0-9A-Fa-f]+$/,
];
