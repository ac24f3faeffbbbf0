/** Names and numbers of the first user. */
import type { Rule } from '../../rule.ts';
import { shownValue } from '../check.ts';
import { type Form, formCheck } from './form.ts';

const username: Rule = {
  name: 'preseed/username',
  severity: 'error',
  summary: 'The user name is one that the installer refuses, and it asks for another.',
  source: "user-setup-ask and reserved-usernames of Debian's source package user-setup",
  bad: 'd-i passwd/username string Anna\n',
  good: 'd-i passwd/username string anna\n',
};

const uid: Rule = {
  name: 'preseed/user-uid',
  severity: 'error',
  summary: 'The number of the first user is no number.',
  source: 'installation guide, appendix B.4.5 (account setup)',
  bad: 'd-i passwd/user-uid string first\n',
  good: 'd-i passwd/user-uid string 1010\n',
};

const forms: readonly Form[] = [
  {
    rule: username,
    question: 'passwd/username',
    fault(value, _question, other) {
      // Without root's login there is a user in any case.
      if (other('passwd/make-user') === 'false' && other('passwd/root-login') !== 'false') return undefined;
      if (!/^[a-z][-a-z0-9_]*$/.test(value)) {
        const lower = value.toLowerCase();
        return {
          message: `${shownValue(value)} is no user name: a lower-case letter, then letters, digits, - and _`,
          replacement: /^[a-z][-a-z0-9_]*$/.test(lower) ? lower : undefined,
        };
      }
      if (value.length > 32) return { message: `a user name has 32 characters at most, not ${value.length}` };
      if (RESERVED.has(value))
        return { message: `${value} is the name of a system user`, hint: 'Choose another; root needs no user.' };
      return undefined;
    },
  },
  {
    rule: uid,
    question: 'passwd/user-uid',
    fault: (value) => (/^\d+$/.test(value) ? undefined : { message: `${shownValue(value)} is no number` }),
  },
];

export const accounts = formCheck(forms);

/** reserved-usernames of user-setup: base-passwd's users and groups, and some of common packages. */
const RESERVED: ReadonlySet<string> = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody adm tty disk kmem
  dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev staff users nogroup
  netplan ftn mysql tac-plus alias qmail qmaild qmails qmailr qmailq qmaill qmailp asterisk vpopmail vchkpw slurm
  hacluster haclient ceph opensrf libvirt-qemu admin bind crontab dhcp dnsmasq dovecot fetchmail ftp fuse gdm
  haldaemon identd input kvm lpadmin messagebus netdev powerdev radvd render saned sbuild scanner slocate ssh sshd
  ssl-cert sslwrap statd syslog telnetd tftpd Debian-exim cupsys dcc dictd firebird grsec-proc grsec-sock-all
  grsec-sock-clt grsec-sock-srv grsec-tpe hplilp jwhois klog mythtv`.split(/\s+/),
);
