/** Faults that are written into a copy of an image, and the result that has to name each. */

export type Plant =
  /** A new or replaced file; `mode` as debugfs wants it, with the type. */
  | { readonly write: string; readonly text: string; readonly mode?: string }
  | { readonly link: string; readonly to: string }
  | { readonly remove: string }
  | { readonly mode: string; readonly of: string }
  /** A text in a file that is there is another one. */
  | { readonly edit: string; readonly from: string | RegExp; readonly to: string };

export interface Fault {
  readonly fault: string;
  readonly plant: readonly Plant[];
  /** Names of results, one of which at least has to fail for it. */
  readonly named: RegExp;
}

const unit = (name: string, text: string): Plant[] => [
  { write: `/etc/systemd/system/${name}`, text },
  { link: `/etc/systemd/system/multi-user.target.wants/${name}`, to: `/etc/systemd/system/${name}` },
];

const oneshot = (command: string, more = ''): string =>
  `[Unit]\nDescription=planted\n${more}[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`;

/** All at once in one image. */
export const FAULTS: readonly Fault[] = [
  {
    fault: 'an SSH host key that all clones share',
    plant: [],
    named: /^clones: SSH host key differs \(\/etc\/ssh\/ssh_host_ed25519_key\.pub\)$/,
  },
  {
    fault: 'a machine-id that is filled in',
    plant: [{ write: '/etc/machine-id', text: '0123456789abcdef0123456789abcdef\n', mode: '0100444' }],
    named: /^clones: machine-id differs/,
  },
  {
    fault: 'a listener like telnet',
    plant: [
      {
        write: '/etc/systemd/system/chat.socket',
        text: '[Socket]\nListenStream=23\nAccept=yes\n[Install]\nWantedBy=sockets.target\n',
      },
      { write: '/etc/systemd/system/chat@.service', text: '[Service]\nExecStart=-/bin/cat\nStandardInput=socket\n' },
      { link: '/etc/systemd/system/sockets.target.wants/chat.socket', to: '/etc/systemd/system/chat.socket' },
    ],
    named: /^default: only ports tcp\/22$/,
  },
  {
    fault: 'a file that everybody may write',
    plant: [{ write: '/etc/cron.d/own', text: '# nothing yet\n', mode: '0100666' }],
    named: /^image: files that everybody may write$/,
  },
  {
    fault: 'a unit that fails',
    plant: unit('broken.service', oneshot('/bin/false')),
    named: /^default: failed units$/,
  },
  {
    fault: 'root without a password',
    plant: [{ edit: '/etc/shadow', from: /^root:[^:]*:/m, to: 'root::' }],
    named: /^image: user root$/,
  },
  { fault: 'a setuid bash', plant: [{ mode: '0104755', of: '/usr/bin/bash' }], named: /^image: setuid programs$/ },
  {
    fault: 'a unit that takes its time',
    plant: unit(
      'slow.service',
      oneshot('/bin/sleep 260', 'Before=multi-user.target\n').replace(
        'ExecStart=',
        "ExecCondition=/bin/sh -c 'grep -q 12:34:56 /sys/class/net/*/address'\nExecStart=",
      ),
    ),
    named: /^default: boot time$/,
  },
  {
    fault: 'a service that is not enabled',
    plant: [{ remove: '/etc/systemd/system/timers.target.wants/fstrim.timer' }],
    named: /^image: service fstrim\.timer is enabled$/,
  },
  {
    fault: 'a service that is masked',
    plant: [
      { remove: '/etc/systemd/system/multi-user.target.wants/cron.service' },
      { link: '/etc/systemd/system/cron.service', to: '/dev/null' },
    ],
    named: /^default: service cron is running$/,
  },
  {
    fault: 'a wrong sysctl',
    plant: [{ write: '/etc/sysctl.d/99-router.conf', text: 'net.ipv4.ip_forward = 1\n' }],
    named: /^default: sysctl net\.ipv4\.ip_forward$/,
  },
  {
    fault: 'root does not grow',
    plant: [{ remove: '/etc/repart.d/50-root.conf' }],
    named: /^default: root grows$/,
  },
  {
    fault: 'a network card with a pinned name',
    plant: [
      { write: '/etc/systemd/network/10-pin.link', text: '[Match]\nMACAddress=52:54:00:12:34:56\n[Link]\nName=wan0\n' },
    ],
    named: /^clones: names of network cards are the same$/,
  },
  {
    fault: 'a secret that first boot writes the same everywhere',
    plant: unit(
      'token.service',
      oneshot(
        `/bin/sh -c 'umask 077; mkdir -p /srv/app; echo token=$(echo fixed | sha256sum | cut -c1-40) > /srv/app/token'`,
      ),
    ),
    named: /^clones: nothing random is shared$/,
  },
  {
    fault: 'a file that each clone writes in its own way',
    plant: unit('stamp.service', oneshot(`/bin/sh -c 'cat /proc/sys/kernel/random/uuid > /srv/stamp'`)),
    named: /^clones: other files are the same$/,
  },
  {
    fault: 'SSH lets root in by a password',
    plant: [{ write: '/etc/ssh/sshd_config.d/00-open.conf', text: 'PermitRootLogin yes\n' }],
    named: /^default: command sshd -T/,
  },
  {
    fault: 'shadow for everybody to read',
    plant: [{ mode: '0100644', of: '/etc/shadow' }],
    named: /^image: file \/etc\/shadow$/,
  },
  {
    fault: 'an account nobody knows',
    plant: [{ edit: '/etc/passwd', from: /$/, to: 'toor:x:0:0::/root:/bin/bash\n' }],
    named: /^image: user toor does not exist$/,
  },
  {
    fault: 'a package that must not be there',
    plant: [
      {
        edit: '/var/lib/dpkg/status',
        from: /^/,
        to: 'Package: telnetd\nStatus: install ok installed\nPriority: optional\nInstalled-Size: 1\nArchitecture: amd64\nVersion: 1.0\nMaintainer: a\nDescription: b\n\n',
      },
    ],
    named: /^image: package telnetd is not installed$/,
  },
  {
    fault: 'a unit that cries in the journal',
    plant: unit(
      'cry.service',
      `${oneshot('/bin/echo the sky falls')}`.replace('ExecStart=', 'SyslogLevel=crit\nExecStart='),
    ),
    named: /^default: journal crit$/,
  },
  {
    fault: 'a left-over of the build',
    plant: [{ write: '/srv/left-over', text: 'build\n' }],
    named: /^default: suite .*: 2 nothing is left over$/,
  },
];

/** What a clean image passes, and each fault breaks. */
export const TESTS = `
boot: {within: 40s, journal: {crit: 0}}
checks:
  - package: openssh-server
  - package: {name: telnetd, installed: false}
  - service: ssh
  - service: cron
  - service: {name: fstrim.timer, enabled: true}
  - port: {listen: tcp/22, addresses: [any]}
  - onlyPorts: [22]
  - file: {path: /etc/shadow, mode: "0640", owner: root, group: shadow}
  - file: {path: /etc/ssh/ssh_host_ed25519_key, exists: false}
  - file: {path: /etc/ssh/ssh_host_ed25519_key, when: booted, mode: "0600"}
  - user: {name: root, password: locked}
  - user: {name: toor, exists: false}
  - setuid:
      only: [/usr/bin/su, /usr/bin/sudo, /usr/bin/mount, /usr/bin/umount, /usr/bin/passwd, /usr/bin/chsh, /usr/bin/chfn,
        /usr/bin/newgrp, /usr/bin/gpasswd, /usr/lib/openssh/ssh-keysign, /usr/lib/dbus-1.0/dbus-daemon-launch-helper]
  - worldWritable: {only: []}
  - sysctl: {net.ipv4.ip_forward: 0}
  - mount: {path: /, type: ext4, free: "> 1G"}
  - command: {run: "sshd -T | grep -i permitrootlogin", stdout: "/^permitrootlogin (no|without-password|prohibit-password)$/"}
  - suite: suite.sh
`;

export const SUITE = `echo TAP version 14
echo 1..2
[ -d /srv ] && echo ok 1 - there is /srv || echo not ok 1 - there is /srv
[ ! -e /srv/left-over ] && echo ok 2 - nothing is left over || echo not ok 2 - nothing is left over
`;
