/** A small Debian as a table of files: packages with every kind of relation, a diversion, files of nobody. */
import type { Files } from '../capture/small-disk.ts';

const stanza = (name: string, fields: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    Package: name,
    Status: 'install ok installed',
    Priority: 'optional',
    'Installed-Size': '100',
    Architecture: 'amd64',
    Version: '1.0-1',
    ...fields,
  })
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');

const PACKAGES = [
  stanza('base-files', { Essential: 'yes', Priority: 'required', 'Pre-Depends': 'awk' }),
  stanza('mawk', { Priority: 'required', Provides: 'awk', Depends: 'libc6 (>= 2.36)' }),
  stanza('libc6', { 'Installed-Size': '13000', 'Multi-Arch': 'same' }),
  stanza('web', {
    Depends: 'mail | mail-transport-agent, libweb (= 1.0-1)',
    Recommends: 'docs',
    Conffiles: '\n /etc/web/web.conf 0123456789abcdef0123456789abcdef',
  }),
  stanza('libweb', { Depends: 'libc6' }),
  stanza('mail', { Provides: 'mail-transport-agent' }),
  stanza('other-mail', { Provides: 'mail-transport-agent (= 2)' }),
  stanza('docs', { Architecture: 'all' }),
  stanza('left-over'),
  stanza('purged', { Status: 'deinstall ok config-files' }),
];
const AUTOMATIC = ['libc6', 'libweb', 'mail', 'docs', 'left-over'];

/** `list` has the paths as dpkg wrote them. */
const lists = (table: Readonly<Record<string, readonly string[]>>): Files =>
  Object.fromEntries(
    Object.entries(table).map(([name, paths]) => [`/var/lib/dpkg/info/${name}.list`, ['/.', ...paths, ''].join('\n')]),
  );

export const PRIVATE_HASH = '$y$j9T$saltsaltsaltsaltsalt$hashhashhashhashhashhashhashhashhashhashhash';
export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIDZQqZP0sW8b6aXfCk8PZ7q2kT9sR4uB3fS5kq0vX1y';

export const SMALL_DEBIAN: Files = {
  '/etc/os-release': 'PRETTY_NAME="Small Debian"\nID=debian\nVERSION_ID="12"\n',
  '/bin': { link: 'usr/bin' },
  '/lib': { link: 'usr/lib' },
  '/var/lib/dpkg/status': `${PACKAGES.join('\n')}\n`,
  '/var/lib/dpkg/diversions': '/bin/tool\n/bin/tool.distrib\nmawk\n',
  '/var/lib/dpkg/info/format': '1\n',
  ...lists({
    'base-files': ['/bin', '/bin/tool', '/etc', '/etc/debian_version'],
    mawk: ['/usr/bin/mawk', '/bin/tool'],
    'libc6:amd64': ['/lib/libc.so'],
    web: ['/usr/sbin/web', '/etc/web/web.conf', '/lib/systemd/system/web.service', '/lib/systemd/system/web.socket'],
    libweb: ['/usr/lib/libweb.so'],
    docs: ['/usr/share/doc/web/manual'],
  }),
  '/var/lib/apt/extended_states': AUTOMATIC.map(
    (name) => `Package: ${name}\nArchitecture: amd64\nAuto-Installed: 1\n`,
  ).join('\n'),
  '/usr/bin/mawk': 'ELF',
  '/usr/bin/tool': 'of mawk',
  '/usr/bin/tool.distrib': 'of base-files',
  '/usr/bin/sh': `\x7fELF\x02\x01\x01${'\0'.repeat(11)}\x3e\0${'\0'.repeat(20)}`,
  '/usr/lib/libc.so': 'c'.repeat(50_000),
  '/usr/lib/libweb.so': 'w',
  '/usr/lib/systemd/system/web.service': '[Service]\nExecStart=/usr/sbin/web\n',
  '/usr/lib/systemd/system/web.socket': '[Socket]\nListenStream=80\nListenStream=443\n',
  '/usr/lib/systemd/system/nightly.timer': '[Timer]\nOnCalendar=daily\n',
  '/usr/lib/systemd/system/sysinit.target.wants/static.service': { link: '../static.service' },
  '/usr/lib/systemd/system/default.target': { link: 'graphical.target' },
  '/etc/systemd/system/sockets.target.wants/web.socket': { link: '/lib/systemd/system/web.socket' },
  '/etc/systemd/system/web.socket.d/port.conf': '[Socket]\nListenStream=\nListenStream=8080\n',
  '/etc/systemd/system/timers.target.wants/nightly.timer': { link: '/lib/systemd/system/nightly.timer' },
  '/etc/systemd/system/own.service': '[Service]\nExecStart=/opt/own\n',
  '/etc/systemd/system/noise.service': { link: '/dev/null' },
  '/usr/sbin/web': { mode: 0o4755, text: 'x' },
  '/opt/own': { mode: 0o2755, text: 'own' },
  '/etc/web/web.conf': 'port 80\n',
  '/etc/debian_version': '12\n',
  '/usr/share/doc/web/manual': 'm'.repeat(9000),
  '/usr/lib/modules/6.1.0-1-amd64/modules.dep': '',
  '/usr/lib/modules/6.1.0-1-amd64/kernel/a.ko': 'k'.repeat(100_000),
  '/boot/vmlinuz-6.1.0-1-amd64': 'kernel',
  '/etc/ssl/certs/own.pem': 'of nobody',
  '/etc/ssl/certs/made.pem': { link: '/usr/share/ca-certificates/made.crt' },
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nada:x:1000:1000::/home/ada:/bin/bash\nguest:x:1001:1001::/home/guest:\nold:x:1002:1002::/home/old:/bin/sh\n',
  '/etc/shadow': {
    mode: 0o640,
    text: `root:*:19000::::::\nada:${PRIVATE_HASH}:19000::::::\nguest::19000::::::\nold:!$6$s$h:19000:::::20000:\n`,
  },
  '/etc/group': 'root:x:0:\nsudo:x:27:ada\nada:x:1000:\n',
  '/etc/sudoers':
    'Defaults env_reset\n# a comment\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) \\\n  ALL\n@includedir /etc/sudoers.d\n',
  '/etc/sudoers.d/90-ada': 'ada ALL=(ALL) NOPASSWD:ALL\n',
  '/etc/sudoers.d/left.dpkg-old': 'guest ALL=(ALL) ALL\n',
  '/etc/ssh/sshd_config':
    'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\nMatch User x\n  AuthorizedKeysFile none\n',
  '/home/ada/.ssh/authorized_keys': `# ${KEY} not this one\nfrom="10.0.0.0/8",restrict ${KEY} ada@home\n`,
  '/etc/ssh/keys/guest': `${KEY}\n`,
};
