/**
 * Login names that cannot be given to a person: what user-setup refuses (its file reserved-usernames: accounts and
 * groups of base-passwd, and of common packages), and the accounts of systemd and apt.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  `
  Debian-exim _apt adm admin alias asterisk audio backup bin bind cdrom ceph crontab cupsys daemon dcc dhcp dialout
  dictd dip disk dnsmasq dovecot fax fetchmail firebird floppy ftn ftp fuse games gdm gnats grsec-proc
  grsec-sock-all grsec-sock-clt grsec-sock-srv grsec-tpe haclient hacluster haldaemon hplilp identd input irc jwhois klog kmem
  kvm libvirt-qemu list lp lpadmin mail man messagebus mysql mythtv netdev netplan news nobody nogroup ntp opensrf
  operator plugdev polkitd powerdev proxy qmail qmaild qmaill qmailp qmailq qmailr qmails radvd render root saned
  sasl sbuild scanner shadow slocate slurm src ssh sshd ssl-cert sslwrap staff statd sudo sync sys syslog
  systemd-coredump systemd-network systemd-resolve systemd-timesync tac-plus tape tcpdump telnetd tftpd tty users utmp uucp
  vchkpw video voice vpopmail www-data
`
    .trim()
    .split(/\s+/),
);
