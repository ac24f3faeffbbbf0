/**
 * Where a system looks for what it starts by itself, as data: who does not want to be seen uses the places that nobody looks at.
 * Each with who starts it, and the page of the manual that says so.
 */

export interface StartPlace {
  /** Patterns of paths: `*` within a folder, `**` across folders. */
  readonly paths: readonly string[];
  /** What a file there does, after its path. */
  readonly does: string;
  /** A line that has to be in it; without one the file itself is enough. Lines of comments do not count. */
  readonly line?: RegExp;
  readonly source: string;
}

const UNIT_KINDS = ['service', 'timer', 'socket', 'path'] as const;
const unitFiles = (...folders: readonly string[]): string[] =>
  folders.flatMap((folder) => UNIT_KINDS.map((kind) => `${folder}/*.${kind}`));
const EXEC = /^\s*(Exec\w+|On\w+|Listen\w+)\s*=\s*\S/;

const SYSTEM_UNITS: readonly StartPlace[] = [
  {
    paths: unitFiles(
      '/etc/systemd/system',
      '/usr/local/lib/systemd/system',
      '/usr/lib/systemd/system',
      '/lib/systemd/system',
    ),
    does: 'is a unit of the system',
    source: 'systemd.unit(5)',
  },
  {
    paths: [
      '/etc/systemd/system/*.d/*.conf',
      '/usr/local/lib/systemd/system/*.d/*.conf',
      '/usr/lib/systemd/system/*.d/*.conf',
    ],
    does: 'changes what a unit starts, or when',
    line: EXEC,
    source: 'systemd.unit(5), drop-ins',
  },
  {
    paths: [
      ...unitFiles('/etc/systemd/user', '/usr/local/lib/systemd/user', '/usr/lib/systemd/user'),
      ...unitFiles('/root/.config/systemd/user', '/home/*/.config/systemd/user'),
      ...unitFiles('/root/.local/share/systemd/user', '/home/*/.local/share/systemd/user'),
    ],
    does: 'is a unit of users, which starts when they log in, or at the boot where they linger',
    source: 'systemd.unit(5), user unit search path',
  },
  {
    paths: ['/etc', '/usr/local/lib', '/usr/lib'].flatMap((folder) => [
      `${folder}/systemd/system-generators/*`,
      `${folder}/systemd/user-generators/*`,
    ]),
    does: 'is run by systemd before any unit',
    source: 'systemd.generator(7)',
  },
  {
    paths: ['/etc', '/usr/lib'].flatMap((folder) => [
      `${folder}/systemd/system-shutdown/*`,
      `${folder}/systemd/system-sleep/*`,
    ]),
    does: 'is run when the machine goes down or sleeps',
    source: 'systemd-halt.service(8), systemd-suspend.service(8)',
  },
  {
    paths: ['/etc/rc.local', '/etc/init.d/*'],
    does: 'is run at the boot, as scripts of System V are',
    source: 'systemd-rc-local-generator(8), systemd-sysv-generator(8)',
  },
];

const BY_THE_CLOCK: readonly StartPlace[] = [
  {
    paths: [
      '/etc/crontab',
      '/etc/cron.d/*',
      ...['hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((one) => `/etc/cron.${one}/*`),
    ],
    does: 'is run by cron',
    source: 'cron(8)',
  },
  {
    paths: ['/var/spool/cron/crontabs/*', '/var/spool/cron/*'],
    does: 'is the crontab of an account',
    source: 'crontab(1)',
  },
  { paths: ['/etc/anacrontab'], does: 'is run by anacron', source: 'anacrontab(5)' },
  {
    paths: ['/var/spool/cron/atjobs/*', '/var/spool/at/*'],
    does: 'is a job of at',
    line: /^#!|^\s*\S/,
    source: 'at(1)',
  },
  {
    paths: ['/etc/logrotate.conf', '/etc/logrotate.d/*'],
    does: 'has logrotate run programs',
    line: /^\s*(prerotate|postrotate|firstaction|lastaction|preremove)\b/,
    source: 'logrotate(8)',
  },
];

const BY_EVENTS: readonly StartPlace[] = [
  {
    paths: ['/etc/udev/rules.d/*.rules', '/usr/local/lib/udev/rules.d/*.rules', '/usr/lib/udev/rules.d/*.rules'],
    does: 'has udev run programs when a device comes',
    line: /\b(RUN|PROGRAM)(\{[^}]*\})?\s*(\+|:)?=|IMPORT\{program\}|SYSTEMD_WANTS/,
    source: 'udev(7)',
  },
  {
    paths: ['/etc/NetworkManager/dispatcher.d/**', '/usr/lib/NetworkManager/dispatcher.d/**'],
    does: 'is run by NetworkManager when a network comes or goes',
    source: 'NetworkManager-dispatcher(8)',
  },
  {
    paths: ['/etc/networkd-dispatcher/**', '/usr/lib/networkd-dispatcher/**'],
    does: 'is run when a network of systemd-networkd comes or goes',
    source: 'networkd-dispatcher(8)',
  },
  {
    paths: ['/etc/network/if-*.d/*'],
    does: 'is run by ifupdown when a network comes or goes',
    source: 'interfaces(5)',
  },
  {
    paths: ['/etc/network/interfaces', '/etc/network/interfaces.d/*'],
    does: 'has ifupdown run commands',
    line: /^\s*(pre-up|up|post-up|pre-down|down|post-down)\s/,
    source: 'interfaces(5)',
  },
  {
    paths: [
      '/etc/dhcp/dhclient-enter-hooks.d/*',
      '/etc/dhcp/dhclient-exit-hooks.d/*',
      '/etc/dhcp/dhclient-*-hooks',
      '/etc/dhcpcd.*-hook',
    ],
    does: 'is run by the DHCP client with each lease',
    source: 'dhclient-script(8), dhcpcd-run-hooks(8)',
  },
  {
    paths: ['/etc/ppp/*-up.d/*', '/etc/ppp/*-down.d/*', '/etc/ppp/*.local'],
    does: 'is run when a PPP link comes or goes',
    source: 'pppd(8)',
  },
  { paths: ['/etc/acpi/events/*'], does: 'has acpid run a program', line: /^\s*action\s*=/, source: 'acpid(8)' },
  {
    paths: [
      '/usr/share/dbus-1/system-services/*.service',
      '/usr/local/share/dbus-1/system-services/*.service',
      '/etc/dbus-1/system-services/*.service',
    ],
    does: 'is started by D-Bus, by whoever asks for its name',
    source: 'dbus-daemon(1)',
  },
  {
    paths: ['/etc/inetd.conf', '/etc/xinetd.d/*', '/etc/xinetd.conf'],
    does: 'has inetd start programs for the network',
    line: /\S/,
    source: 'inetd(8), xinetd.conf(5)',
  },
  {
    paths: ['/etc/aliases', '/root/.forward', '/home/*/.forward'],
    does: 'gives mail to a program',
    line: /\|/,
    source: 'aliases(5)',
  },
  {
    paths: ['/etc/mdadm/mdadm.conf', '/etc/mdadm.conf'],
    does: 'has mdadm run a program',
    line: /^\s*PROGRAM\s/i,
    source: 'mdadm.conf(5)',
  },
  {
    paths: ['/etc/rsyslog.conf', '/etc/rsyslog.d/*.conf'],
    does: 'has rsyslog run a program',
    line: /\bomprog\b|\s\^\//,
    source: 'rsyslog.conf(5)',
  },
];

const WITH_OTHERS: readonly StartPlace[] = [
  {
    paths: ['/etc/apt/apt.conf', '/etc/apt/apt.conf.d/*'],
    does: 'has apt run commands',
    line: /\b(Pre|Post)-(Invoke|Install-Pkgs)\b|Post-Invoke-(Success|Stats)|ProxyAutoDetect|Proxy-Auto-Detect/i,
    source: 'apt.conf(5)',
  },
  {
    paths: ['/etc/dpkg/dpkg.cfg', '/etc/dpkg/dpkg.cfg.d/*'],
    does: 'has dpkg run commands',
    line: /^\s*(--)?(pre-invoke|post-invoke|status-logger)\b/,
    source: 'dpkg(1)',
  },
  {
    paths: ['/etc/kernel/*.d/*', '/etc/initramfs/*.d/*'],
    does: 'is run with each new kernel or initramfs',
    source: 'the Debian Kernel Handbook, chapter 8',
  },
  {
    paths: ['/etc/initramfs-tools/hooks/*', '/etc/initramfs-tools/scripts/*/*'],
    does: 'goes into the initramfs, or makes it',
    source: 'initramfs-tools(7)',
  },
  { paths: ['/etc/grub.d/*'], does: "is run when GRUB's menu is made", source: 'update-grub(8)' },
  {
    paths: ['/etc/needrestart/*.d/*'],
    does: 'is run by needrestart after updates',
    line: /\S/,
    source: 'needrestart(1)',
  },
  {
    paths: ['/etc/modprobe.d/*.conf', '/usr/local/lib/modprobe.d/*.conf', '/usr/lib/modprobe.d/*.conf'],
    does: 'has modprobe run a command in place of loading a module',
    // To /bin/false a module is switched off.
    line: /^\s*(install|remove)\s+\S+\s+(?!(\/usr)?\/bin\/(true|false)\s*$)\S/,
    source: 'modprobe.d(5)',
  },
  { paths: ['/etc/binfmt.d/*.conf'], does: 'has the kernel start an interpreter', source: 'binfmt.d(5)' },
];

const AT_LOGINS: readonly StartPlace[] = [
  { paths: ['/etc/update-motd.d/*'], does: 'is run as root at each login', source: 'pam_motd(8), update-motd(5)' },
  {
    paths: ['/etc/profile.d/*', '/etc/bash.bashrc', '/etc/zsh/*'],
    does: 'is run by the shell of whoever logs in',
    source: 'bash(1)',
  },
  {
    paths: ['/etc/pam.d/*', '/etc/pam.conf'],
    does: 'runs a program with each login, which is told the password',
    line: /\bpam_(exec|script|python)\.so\b/,
    source: 'pam_exec(8)',
  },
  {
    paths: ['/etc/ssh/sshrc', '/root/.ssh/rc', '/home/*/.ssh/rc'],
    does: 'is run by sshd at each login',
    source: 'sshd(8)',
  },
  {
    paths: ['/etc/xdg/autostart/*.desktop'],
    does: 'is started with each desktop',
    source: 'the Desktop Application Autostart Specification',
  },
];

const IN_PROGRAMS: readonly StartPlace[] = [
  {
    paths: ['/etc/ld.so.preload'],
    does: 'puts a library into every program',
    line: /\S/,
    source: 'ld.so(8)',
  },
  {
    paths: ['/etc/environment', '/etc/environment.d/*.conf', '/etc/security/pam_env.conf', '/etc/default/*'],
    does: 'puts a library into programs',
    line: /\bLD_(PRELOAD|LIBRARY_PATH|AUDIT)\b/,
    source: 'ld.so(8), pam_env(8)',
  },
  {
    paths: ['/usr/lib/python3/dist-packages/*.pth', '/usr/local/lib/python3*/dist-packages/*.pth'],
    does: 'is run by every Python',
    line: /^\s*import\s/,
    source: "Python's site module",
  },
  {
    paths: ['/etc/python3*/sitecustomize.py', '/usr/local/lib/python3*/dist-packages/*customize.py'],
    does: 'is run by every Python',
    source: "Python's site module",
  },
  {
    paths: ['/var/lib/cloud/scripts/per-*/*'],
    does: 'is run by cloud-init at the boot',
    source: "cloud-init's documentation, per-boot scripts",
  },
];

export const START_PLACES: readonly StartPlace[] = [
  ...SYSTEM_UNITS,
  ...BY_THE_CLOCK,
  ...BY_EVENTS,
  ...WITH_OTHERS,
  ...AT_LOGINS,
  ...IN_PROGRAMS,
];
