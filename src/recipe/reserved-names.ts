/** Login names that are taken before a recipe's users are made, and those that only an installer asks about. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Users and groups of base-passwd (12 and 13), and those of systemd, apt, D-Bus, cron and sshd. */
const OF_DEBIAN = words(`
  _apt _ssh adm audio backup bin cdrom clock crontab daemon dialout dip disk fax floppy games gnats input irc kmem kvm
  list lp mail man messagebus netdev news nobody nogroup operator plugdev proxy render root sasl sgx shadow src sshd staff
  sudo sync sys systemd-coredump systemd-journal systemd-network systemd-resolve systemd-timesync tape tty users utmp
  uucp video voice www-data
`);

/** Of the package setup, and of what every installation has. */
const OF_REDHAT = words(`
  adm audio bin cdrom chrony daemon dbus dialout disk floppy ftp games halt input kmem kvm lock lp mail man mem nobody
  operator polkitd render root sgx shutdown sshd ssh_keys sync sys systemd-coredump systemd-journal systemd-oom
  systemd-resolve tape tss tty users utempter utmp video wheel
`);

export const reservedNames = (family: 'debian' | 'redhat' | 'fedora'): ReadonlySet<string> =>
  family === 'debian' ? OF_DEBIAN : OF_REDHAT;

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
