/** Login names that are taken before a recipe's users are made, and those that only an installer asks about. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Users and groups of base-passwd (12 and 13), and those of systemd, apt, D-Bus, cron and sshd. */
export const RESERVED_NAMES = words(`
  _apt _ssh adm audio backup bin cdrom clock crontab daemon dialout dip disk fax floppy games gnats input irc kmem kvm
  list lp mail man messagebus netdev news nobody nogroup operator plugdev proxy render root sasl sgx shadow src sshd staff
  sudo sync sys systemd-coredump systemd-journal systemd-network systemd-resolve systemd-timesync tape tty users utmp
  uucp video voice www-data
`);

/**
 * Names that user-setup refuses although no system has them by itself (its file reserved-usernames): of packages that
 * may never come. With one of them it would ask, so the first user is not its business then.
 */
export const ASKED_AGAIN = words(`
  Debian-exim admin alias asterisk bind ceph cupsys dcc dhcp dictd dnsmasq dovecot fetchmail firebird ftn ftp fuse gdm
  grsec-proc grsec-sock-all grsec-sock-clt grsec-sock-srv grsec-tpe haclient hacluster haldaemon hplilp identd jwhois klog
  libvirt-qemu lpadmin mysql mythtv netplan ntp opensrf powerdev qmail qmaild qmaill qmailp qmailq qmailr qmails radvd
  saned sbuild scanner slocate slurm ssh ssl-cert sslwrap statd syslog tac-plus tcpdump telnetd tftpd vchkpw vpopmail
`);
