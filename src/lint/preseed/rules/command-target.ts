/** Which system a command of the file runs in: the installer's has busybox and its own tools, nothing of the new one. */

import type { Answer } from '../../../formats/preseed.ts';
import type { Rule } from '../../rule.ts';
import { type Check, type FindingReport, shownValue, valued } from '../check.ts';
import { type ShellWord, simpleCommands } from '../shell-commands.ts';
import { openQuote } from '../shell-quotes.ts';
import { COMMAND_QUESTIONS } from './commands.ts';

const program: Rule = {
  name: 'preseed/command-program',
  severity: 'error',
  summary: 'The installer has no such program: it is one of the new system, or several words in quotation marks.',
  source: "the programs in the netboot initrd and in the installer's udebs; in-target(8) of di-utils",
  bad: 'd-i preseed/late_command string systemctl enable ssh\n',
  good: 'd-i preseed/late_command string in-target systemctl enable ssh\n',
};

const output: Rule = {
  name: 'preseed/command-output',
  severity: 'warning',
  summary: 'late_command writes into the file system of the installer, which is gone when it is done.',
  source: 'installation guide, appendix B.5.1: the new system is mounted at /target',
  bad: 'd-i preseed/late_command string in-target echo hello > /etc/motd\n',
  good: 'd-i preseed/late_command string echo hello > /target/etc/motd\n',
};

/** Neither busybox as the installer has it nor any of its components brings them. */
const OF_THE_SYSTEM: ReadonlySet<string> = new Set([
  ...['apt', 'apt-get', 'apt-cache', 'apt-key', 'apt-mark', 'aptitude', 'add-apt-repository', 'dpkg', 'dpkg-divert'],
  ...['dpkg-reconfigure', 'dpkg-query', 'dpkg-statoverride', 'update-alternatives', 'update-rc.d', 'update-grub'],
  ...['update-grub2', 'update-initramfs', 'update-locale', 'update-ca-certificates', 'locale-gen', 'grub-install'],
  ...['systemctl', 'journalctl', 'loginctl', 'hostnamectl', 'timedatectl', 'localectl', 'resolvectl', 'networkctl'],
  ...['systemd-tmpfiles', 'systemd-sysusers', 'deb-systemd-helper', 'deb-systemd-invoke', 'service', 'invoke-rc.d'],
  ...['useradd', 'usermod', 'userdel', 'adduser', 'deluser', 'groupadd', 'groupmod', 'addgroup', 'gpasswd', 'passwd'],
  ...['chpasswd', 'chage', 'chsh', 'visudo', 'sudo', 'crontab', 'a2enmod', 'a2ensite', 'a2dissite', 'a2enconf'],
  ...['bash', 'zsh', 'perl', 'python', 'python3', 'pip', 'pip3', 'ruby', 'make', 'git', 'curl', 'openssl', 'gpg', 'jq'],
  ...['snap', 'flatpak', 'docker', 'puppet', 'ansible', 'ansible-pull', 'ansible-playbook', 'salt-call', 'chef-client'],
  ...['netplan', 'nmcli', 'ufw', 'iptables-save', 'lsb_release', 'rsync', 'tasksel', 'debconf-show', 'ssh-copy-id'],
]);

export const commandTarget: Check = {
  rules: [program, output],
  look(file, report) {
    for (const answer of valued(file)) {
      const { text } = answer.value;
      if (!COMMAND_QUESTIONS.has(answer.question.text) || /\{\{|<%/.test(text) || openQuote(text)) continue;
      for (const { words, outputs } of simpleCommands(text)) {
        checkProgram(answer, words, report);
        if (answer.question.text === 'preseed/late_command') checkOutputs(answer, outputs, report);
      }
    }
  },
};

const checkProgram = (answer: Answer, words: readonly ShellWord[], report: FindingReport): void => {
  const [first, ...rest] = words;
  if (!first) return;
  const at = ({ at, length }: ShellWord) => answer.placeInValue(at, length);
  if (/\s/.test(first.text) && !first.substituted) {
    report(program, at(first), 'the shell takes what is in these quotation marks for the name of one program', {
      hint: 'Take the quotation marks away.',
    });
    return;
  }
  const name = first.text.replace(/^\/(usr\/)?s?bin\//, '');
  if (name === 'log-output') {
    const next = rest.findIndex(({ text }, index) => !text.startsWith('-') && rest[index - 1]?.text !== '-t');
    if (next >= 0) checkProgram(answer, rest.slice(next), report);
    return;
  }
  const inner =
    name === 'in-target' ? rest.find(({ text }) => !text.startsWith('-')) : name === 'chroot' ? rest[1] : undefined;
  if (inner && /\s/.test(inner.text) && !inner.substituted)
    report(program, at(inner), `${name} takes what is in these quotation marks for the name of one program`, {
      hint: 'Take the quotation marks away, or run `sh -c` with them.',
    });
  if (!OF_THE_SYSTEM.has(name)) return;
  const late = answer.question.text === 'preseed/late_command';
  report(program, at(first), `${shownValue(name)} is a program of the new system, the installer has none`, {
    hint: late ? `Write \`in-target ${name} …\`.` : 'The new system is not there yet: do it in `preseed/late_command`.',
  });
};

/** Folders of a system; /tmp, /var/log and the like are the installer's as well. */
const OF_A_SYSTEM = /^\/(etc|root|home|opt|srv|boot|usr|lib|var\/(www|lib\/(?!dpkg|partman)|spool))\//;

const checkOutputs = (answer: Answer, outputs: readonly ShellWord[], report: FindingReport): void => {
  for (const { text, at, length } of outputs)
    if (OF_A_SYSTEM.test(text))
      report(output, answer.placeInValue(at, length), `${text} is the installer's own, not the new system's`, {
        hint: `Write /target${text.length > 60 ? '/…' : text}, or let \`in-target sh -c '…'\` write it.`,
      });
};
