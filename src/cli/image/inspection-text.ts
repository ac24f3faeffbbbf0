/** What is in an image, for people: who gets in and what nothing explains come before long lists. */

import { posix } from 'node:path';
import { count, counted } from '../../counted.ts';
import type { Account } from '../../inspect/accounts.ts';
import type { DiskFacts } from '../../inspect/disk.ts';
import type { Inspection } from '../../inspect/inspect.ts';
import type { Privileged } from '../../inspect/privileged.ts';
import { bytes } from '../../ui/format.ts';
import { firstOf, flowed } from './columns.ts';
import { partitionTitle } from './partition-title.ts';

const MOST_SIZES = 10;
const MOST_FILES = 20;
const MOST_KINDS = 8;

export const inspectionText = (found: Inspection): string =>
  [
    ...headLines(found),
    '',
    'room on the disk',
    ...found.size
      .slice(0, MOST_SIZES)
      .map(({ reason, size, files }) => `  ${bytes(size).padStart(7)}  ${reason}, ${counted(files, 'file')}`),
    ...stripLines(found),
    '',
    'who gets in',
    ...found.accounts.logins.flatMap((account) => accountLines(account, found)),
    ...sudoLines(found),
    '',
    'what starts',
    ...startLines(found),
    '',
    'programs with more rights than whoever runs them',
    ...privilegedLines(found.privileged),
    '',
    ...unownedLines(found),
    ...sourceLines(found),
  ].join('\n');

/** The largest first. */
const stripLines = ({ strips }: Inspection): string[] =>
  strips.length === 0
    ? []
    : [
        '',
        'what strips would save (docs/slim.md), each for itself',
        ...strips
          .toSorted((one, other) => other.size - one.size)
          .map(
            ({ strip, size, packages }) =>
              `  ${bytes(size).padStart(7)}  ${strip}${packages.length === 0 ? '' : `, ${counted(packages.length, 'package')}`}`,
          ),
      ];

const headLines = ({ image, system, disk, packages, packagesUnread, files }: Inspection): string[] => [
  image,
  ...flowed('system    ', [
    system.name,
    system.architecture ?? 'of an unknown architecture',
    ...(system.hostname ? [`host name ${system.hostname}`] : []),
  ]),
  ...flowed(
    'kernel    ',
    system.kernels.length === 0
      ? ['none']
      : system.kernels.map(({ version, hasImage }) => (hasImage ? version : `${version} (modules alone)`)),
  ),
  ...diskLines(disk),
  ...(packages === undefined
    ? flowed('packages  ', ['not read:', ...(packagesUnread ?? '').split(' ')], ' ')
    : [`packages  ${packagesText(packages)}`]),
  `files     ${count(files.count)} in ${counted(files.folders, 'folder')}, ${bytes(files.size)}`,
];

const packagesText = (packages: NonNullable<Inspection['packages']>): string => {
  const own = packages.filter(({ manual, essential }) => manual && !essential);
  const essential = packages.filter((one) => one.essential);
  const size = packages.reduce((sum, one) => sum + one.size, 0);
  const rest = packages.length - own.length - essential.length;
  return `${count(packages.length)}, ${bytes(size)} installed: ${own.length} asked for, ${essential.length} essential, ${rest} because others need them`;
};

const diskLines = ({ format, virtualSize, fileSize, label, partitions }: DiskFacts): string[] => [
  `disk      ${format}, disk of ${bytes(virtualSize)}, file of ${bytes(fileSize)}, ${label === 'gpt' ? 'GPT' : 'MBR'}`,
  ...partitions.map(({ number, size, type, content, fileSystem }) => {
    const { mount = '', free, clean, size: whole = 0 } = fileSystem ?? {};
    const use = free === undefined ? '' : `${bytes(whole - free)} used, ${bytes(free)} free`;
    const note = clean === false ? ', NOT left clean: what is read may be older than it was' : '';
    const columns = [
      String(number),
      partitionTitle(type).padEnd(12),
      bytes(size).padStart(7),
      (content ?? '').padEnd(5),
      mount.padEnd(9),
      `${use}${note}`,
    ];
    return `          ${columns.join('  ')}`.trimEnd();
  }),
];

const PASSWORDS: Readonly<Record<Account['password'], string>> = {
  set: 'password',
  locked: 'locked password',
  none: 'no password',
  empty: 'EMPTY PASSWORD',
};

const accountLines = (account: Account, { accounts }: Inspection): string[] => {
  const { name, uid, shell, password, method, expires, keys, groups } = account;
  const rules = accounts.sudo.filter(
    ({ rule }) => rule.startsWith(`${name} `) || groups.some((group) => rule.startsWith(`%${group} `)),
  );
  const sudo = rules.some(({ rule }) => rule.includes('NOPASSWD'))
    ? 'sudo without a password'
    : rules.length > 0
      ? 'sudo'
      : '';
  const said = [
    `${PASSWORDS[password]}${method === undefined ? '' : ` (${method})`}`,
    keys.length === 0 ? 'no key' : counted(keys.length, 'key'),
    ...(sudo === '' || uid === 0 ? [] : [sudo]),
    ...(shell === '/bin/bash' ? [] : [shell]),
    ...(expires === undefined ? [] : [`ends on ${expires}`]),
  ];
  return [
    ...flowed(`  ${name.padEnd(14)}`, said),
    ...keys.map((key) =>
      `    ${key.fingerprint} ${key.type} ${key.comment}${key.options === '' ? '' : `  ${key.options}`}`.trimEnd(),
    ),
  ].map((line) => (line.length > 140 ? `${line.slice(0, 139)}…` : line));
};

const sudoLines = ({ accounts }: Inspection): string[] =>
  accounts.sudo
    .filter(({ file, rule }) => file !== '/etc/sudoers' || !/^(root|%sudo|%wheel|%admin) /.test(rule))
    .map(({ file, rule }) => `  sudoers       ${rule}  (${posix.basename(file)})`);

const startLines = ({ units }: Inspection): string[] => {
  const own = units.enabled.filter(({ from }) => from === 'etc');
  const others = units.enabled.length - own.length;
  const listening = units.sockets.filter(({ listens }) =>
    listens.some((one) => /^Listen(Stream|Datagram|SequentialPacket)=[^/@%]/.test(one)),
  );
  return [
    ...flowed('  units     ', [
      ...own.map(({ unit }) => unit.replace(/\.service$/, '')),
      `and ${others} that packages bring along`,
    ]),
    ...(units.masked.length === 0 ? [] : flowed('  masked    ', units.masked)),
    ...flowed(
      '  sockets   ',
      listening.length === 0
        ? ['none in the network; services open ports by themselves, and units do not say which']
        : listening.map(({ unit, listens }) => `${unit} (${listens.join(' ')})`),
    ),
    ...flowed(
      '  timers    ',
      units.timers.map(
        ({ unit, when }) =>
          `${unit.replace(/\.timer$/, '')} (${when.map((one) => one.replace(/^OnCalendar=/, '')).join(' ')})`,
      ),
    ),
  ];
};

const privilegedLines = (found: readonly Privileged[]): string[] => {
  const names = (chosen: readonly Privileged[]) =>
    chosen.map(
      ({ path, package: owner, capabilities }) =>
        `${owner === undefined ? `${path} (of no package)` : posix.basename(path)}${capabilities === '' ? '' : ` ${capabilities}`}`,
    );
  const lines = [
    ['setuid', found.filter(({ setuid }) => setuid)],
    ['setgid', found.filter(({ setuid, setgid }) => setgid && !setuid)],
    ['file caps', found.filter(({ capabilities }) => capabilities !== '')],
  ] as const;
  return lines.flatMap(([title, chosen]) =>
    chosen.length === 0 ? [] : flowed(`  ${title.padEnd(10)}`, names(chosen)),
  );
};

const unownedLines = ({ unowned }: Inspection): string[] => {
  if (unowned === undefined) return ['files of no package: unknown, since packages are not read'];
  const { generated, unexplained } = unowned;
  return [
    `files of no package: ${count(unowned.count)}, ${bytes(unowned.size)}`,
    ...flowed('  known     ', [
      ...generated.slice(0, MOST_KINDS).map(({ reason, count: number }) => `${reason} ${count(number)}`),
      ...(generated.length > MOST_KINDS ? [`${count(generated.length - MOST_KINDS)} other kinds`] : []),
    ]),
    `  not known ${unexplained.length === 0 ? 'none' : count(unexplained.length)}`,
    ...firstOf(
      unexplained.map(({ path }) => `    ${path}`),
      MOST_FILES,
      '    ',
    ),
    '',
  ];
};

const sourceLines = ({ sources }: Inspection): string[] =>
  sources.length === 0
    ? []
    : [
        'packages come from',
        ...sources.flatMap(({ uris, suites, components, trusted }) =>
          flowed('  ', [...uris, ...suites, ...components, ...(trusted ? ['WITHOUT A SIGNATURE'] : [])], ' '),
        ),
      ];
