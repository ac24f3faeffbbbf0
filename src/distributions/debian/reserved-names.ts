/**
 * Login names that are taken before a recipe's users are made: users and groups of base-passwd (12 and 13), and those of
 * systemd, apt, D-Bus, cron and sshd.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  `
  _apt _ssh adm audio backup bin cdrom clock crontab daemon dialout dip disk fax floppy games gnats input irc kmem kvm
  list lp mail man messagebus netdev news nobody nogroup operator plugdev proxy render root sasl sgx shadow src sshd staff
  sudo sync sys systemd-coredump systemd-journal systemd-network systemd-resolve systemd-timesync tape tty users utmp
  uucp video voice www-data
`
    .trim()
    .split(/\s+/),
);
