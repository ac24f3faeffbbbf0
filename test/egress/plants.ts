/** Twelve ways in which an image phones home, as files that are put on its disk, and the flow that gives each away. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import type { OffAction } from '../../src/egress/catalogue/entry.ts';
import type { NamedFlow } from '../../src/egress/name-flows.ts';
import { run } from '../../src/host/run.ts';

/** Text, or where a link leads. */
export type Planted = Readonly<Record<string, string | { readonly link: string }>>;

export interface Plant {
  readonly name: string;
  readonly files: Planted;
  readonly isSeen: (flow: NamedFlow) => boolean;
}

const UNITS = '/etc/systemd/system';
const ONLINE = 'Wants=network-online.target\nAfter=network-online.target nss-lookup.target systemd-resolved.service';

const service = (name: string, ...lines: readonly string[]): Planted => ({
  [`${UNITS}/${name}.service`]: `[Unit]\n${ONLINE}\n[Service]\nType=oneshot\n${lines.join('\n')}\n`,
});
const started = (name: string, command: string): Planted => ({
  ...service(name, `ExecStart=-${command}`),
  [`${UNITS}/multi-user.target.wants/${name}.service`]: { link: `${UNITS}/${name}.service` },
});
const connect = (host: string, port: number, text: string) =>
  `/bin/bash -c 'exec 3<>/dev/tcp/${host}/${port}; printf "${text}" >&3; timeout 20 cat <&3'`;
const request = (path: string, host: string) =>
  `GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\nUser-Agent: planted/1\\r\\n\\r\\n`;

export const PLANTS: readonly Plant[] = [
  {
    name: 'HTTPS',
    files: started(
      'plant-https',
      "/bin/sh -c 'timeout 30 openssl s_client -connect https.phone.example:443 -servername https.phone.example </dev/null'",
    ),
    isSeen: ({ protocol, name, said }) =>
      protocol === 'tcp' &&
      name === 'https.phone.example' &&
      said.some((one) => one.kind === 'tls' && one.name === 'https.phone.example'),
  },
  {
    name: 'HTTP',
    files: started(
      'plant-http',
      connect('http.phone.example', 80, request('/id', 'http.phone.example')).replaceAll('\\', '\\\\'),
    ),
    isSeen: ({ name, said }) =>
      name === 'http.phone.example' && said.some((one) => one.kind === 'http' && one.userAgent === 'planted/1'),
  },
  {
    name: 'UDP',
    files: started('plant-udp', "/bin/bash -c 'echo hello > /dev/udp/udp.phone.example/5140'"),
    isSeen: ({ protocol, name, port }) => protocol === 'udp' && name === 'udp.phone.example' && port === 5140,
  },
  {
    name: 'ICMP',
    files: started('plant-icmp', '/bin/ping -c 1 -W 5 icmp.phone.example'),
    isSeen: ({ protocol, name }) => protocol === 'icmp' && name === 'icmp.phone.example',
  },
  {
    name: 'a question for TXT',
    files: started('plant-txt', '/usr/bin/resolvectl query --type=TXT secret.txt.phone.example'),
    isSeen: ({ protocol, name, said }) =>
      protocol === 'dns' &&
      name === 'secret.txt.phone.example' &&
      said.some((one) => one.kind === 'dns' && one.type === 'TXT'),
  },
  {
    name: 'an address without a name',
    files: started('plant-raw', connect('203.0.113.66', 4444, 'beacon')),
    isSeen: ({ protocol, name, address, port }) =>
      protocol === 'tcp' && name === undefined && address === '203.0.113.66' && port === 4444,
  },
  {
    name: 'IPv6',
    files: started('plant-six', connect('2001:db8:99::1', 8443, 'beacon')),
    isSeen: ({ protocol, address, port }) => protocol === 'tcp' && address === '2001:db8:99::1' && port === 8443,
  },
  {
    name: 'a daily timer',
    files: {
      ...service('plant-night', `ExecStart=-${connect('night.phone.example', 8443, 'beacon')}`),
      [`${UNITS}/plant-night.timer`]: '[Timer]\nOnCalendar=*-*-* 03:33:00\n',
      [`${UNITS}/timers.target.wants/plant-night.timer`]: { link: `${UNITS}/plant-night.timer` },
    },
    isSeen: ({ phase, name, port }) =>
      phase === 'timer plant-night.timer' && name === 'night.phone.example' && port === 8443,
  },
  {
    name: 'at shutdown',
    files: {
      ...service(
        'plant-bye',
        'RemainAfterExit=yes',
        'ExecStart=/bin/true',
        `ExecStop=-${connect('bye.phone.example', 9000, 'beacon')}`,
      ),
      [`${UNITS}/multi-user.target.wants/plant-bye.service`]: { link: `${UNITS}/plant-bye.service` },
    },
    isSeen: ({ phase, name, port }) => phase === 'shutdown' && name === 'bye.phone.example' && port === 9000,
  },
  {
    name: 'popularity-contest',
    files: {
      '/usr/sbin/popularity-contest': '#!/bin/sh\n',
      '/usr/share/popularity-contest/default.conf': 'PARTICIPATE="no"\n',
      '/etc/popularity-contest.conf': 'PARTICIPATE="yes"\n',
      '/etc/popularity-contest.d/README': '',
      // As its own script does it, once a minute instead of once a week.
      '/usr/share/popularity-contest/send': [
        '. /usr/share/popularity-contest/default.conf; . /etc/popularity-contest.conf',
        'for file in /etc/popularity-contest.d/*.conf; do [ ! -e "$file" ] || . "$file"; done',
        '[ "$PARTICIPATE" = yes ] || exit 0',
        'exec 3<>/dev/tcp/popcon.debian.org/80',
        'printf "POST /cgi-bin/popcon.cgi HTTP/1.1\\r\\nHost: popcon.debian.org\\r\\nUser-Agent: popcon-upload\\r\\nContent-Length: 0\\r\\n\\r\\n" >&3; timeout 20 cat <&3',
        '',
      ].join('\n'),
      '/etc/cron.d/popularity-contest': '* * * * * root bash /usr/share/popularity-contest/send\n',
    },
    isSeen: ({ protocol, entry }) => protocol === 'tcp' && entry === 'popularity-contest',
  },
  {
    name: 'systemd-timesyncd',
    files: {},
    isSeen: ({ protocol, entry }) => protocol === 'ntp' && entry === 'systemd-timesyncd',
  },
  {
    name: 'apt-daily',
    files: {
      '/etc/apt/apt.conf.d/20auto-upgrades': 'APT::Periodic::Update-Package-Lists "1";\n',
      '/etc/apt/sources.list': 'deb http://mirror.phone.example/debian bookworm main\n',
    },
    isSeen: ({ phase, protocol, entry }) =>
      phase === 'timer apt-daily.timer' && protocol === 'tcp' && entry === 'apt-periodic',
  },
];

/** What the catalogue does to switch entries off, as files. */
export const offFiles = (actions: readonly OffAction[]): Planted =>
  Object.fromEntries(
    actions.flatMap((action): [string, Planted[string]][] => {
      if (action.kind === 'mask') return action.units.map((unit) => [`${UNITS}/${unit}`, { link: '/dev/null' }]);
      return action.kind === 'write' ? [[action.path, action.content]] : [];
    }),
  );

/** Writes files into the ext4 root of a raw disk, owned by root. */
export const plant = async (raw: string, files: Planted, folder: string): Promise<void> => {
  const guest = await openGuestFiles(raw);
  const root = guest.mounts.find(({ path }) => path === '/');
  await mkdir(folder, { recursive: true });
  const requests: string[] = [];
  const made = new Set<string>();
  const makeFolder = async (path: string): Promise<void> => {
    if (path === '/' || made.has(path) || (await guest.find(path)) !== undefined) return;
    await makeFolder(posix.dirname(path));
    made.add(path);
    requests.push(`mkdir ${path}`);
  };
  for (const [nth, [path, content]] of Object.entries(files).entries()) {
    await makeFolder(posix.dirname(path));
    requests.push(`cd ${posix.dirname(path)}`, `rm ${posix.basename(path)}`);
    if (typeof content === 'object') {
      requests.push(`symlink ${posix.basename(path)} ${content.link}`);
      continue;
    }
    const source = join(folder, String(nth));
    await writeFile(source, content);
    const name = posix.basename(path);
    requests.push(`write ${source} ${name}`, `sif ${name} mode 0100644`, `sif ${name} uid 0`, `sif ${name} gid 0`);
  }
  const list = join(folder, 'requests');
  await writeFile(list, requests.map((one) => `${one}\n`).join(''));
  await run('debugfs', ['-w', '-f', list, `${raw}?offset=${root?.partition.start ?? 0}`]);
};
