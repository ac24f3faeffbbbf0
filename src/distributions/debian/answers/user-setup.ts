/** What debian-installer's user-setup makes of the first user. */
import type { Account } from '../../../answers/accounts.ts';

/**
 * Names that user-setup refuses although no system has them by itself (its file reserved-usernames): of packages that
 * may never come. With one of them it would ask, so then it does not make the first user. Nor with the name of a group that
 * packages make: adduser would refuse it.
 */
const ASKED_AGAIN: ReadonlySet<string> = new Set(
  `
  Debian-exim admin alias asterisk bind ceph cupsys dcc dhcp dictd dnsmasq docker dovecot fetchmail firebird ftn ftp fuse gdm
  grsec-proc grsec-sock-all grsec-sock-clt grsec-sock-srv grsec-tpe haclient hacluster haldaemon hplilp identd jwhois klog
  libvirt libvirt-qemu lpadmin mysql mythtv netplan ntp opensrf powerdev qmail qmaild qmaill qmailp qmailq qmailr qmails radvd
  saned sbuild scanner slocate slurm ssh ssl-cert sslwrap statd syslog tac-plus tcpdump telnetd tftpd vchkpw vpopmail
  wireshark
`
    .trim()
    .split(/\s+/),
);

/** Whether it makes the user without a question: it takes no dot in a name. The hooks make the others. */
export const isForInstaller = (user: Account | undefined): user is Account =>
  user !== undefined && /^[a-z][-a-z0-9_]*$/.test(user.name) && !ASKED_AGAIN.has(user.name);
