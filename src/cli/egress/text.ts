/** What an image sends, for people: what is switched on comes before what is not, and flows in the order of their time. */
import { counted } from '../../counted.ts';
import type { Entry } from '../../egress/catalogue/entry.ts';
import type { Said } from '../../egress/flow.ts';
import type { InstalledEntry } from '../../egress/installed.ts';
import type { Looked } from '../../egress/judge.ts';
import type { NamedFlow } from '../../egress/name-flows.ts';
import type { Judgement } from '../../judgement.ts';
import { bytes, tame } from '../../ui/format.ts';
import { flowed } from '../image/columns.ts';

interface Title {
  readonly image: string;
  readonly system: string;
}

export const egressText = (
  { image, system }: Title,
  { installed, seen }: Looked,
  judgement: Judgement | undefined,
): string => {
  const on = installed.filter(({ state }) => state === 'on');
  const off = installed.filter(({ state }) => state === 'off');
  return [
    `${image}: ${system}`,
    '',
    'switched on',
    ...(on.length === 0 ? ['  nothing that the catalogue knows'] : on.flatMap(entryLines)),
    ...(off.length === 0
      ? []
      : ['', 'installed, but off', ...off.map(({ id, because }) => `  ${id.padEnd(24)} ${because[0] ?? ''}`)]),
    ...(seen === undefined ? [] : ['', ...seenLines(seen)]),
    ...(judgement === undefined ? [] : ['', ...judgementLines(judgement)]),
  ].join('\n');
};

const entryLines = ({ id, class: kind, because, sends, trigger, isVerified }: InstalledEntry): string[] => [
  `  ${id.padEnd(24)} ${kind}${isVerified ? '' : ', unverified'}`,
  ...flowed('    why    ', because),
  ...flowed('    sends  ', sends.split(' '), ' '),
  ...flowed('    when   ', trigger.split(' '), ' '),
];

const seenLines = (seen: NonNullable<Looked['seen']>): string[] => [
  `seen in ${Math.round(seen.length / 1000)} s on a network that ${seen.mode === 'sink' ? 'takes' : 'refuses'} everything`,
  ...(seen.flows.length === 0 ? ['  nothing'] : flowRows(seen.flows)),
  ...bootLines(seen),
];

const bootLines = ({
  boot,
  isUp,
  timers,
  noWayIn,
  poweredOff,
  frames,
  lost,
}: NonNullable<Looked['seen']>): string[] => [
  ...(boot === undefined
    ? [isUp ? '  it came up' : '  it did NOT come up in time']
    : [
        `  its systemd says ${boot.state}${boot.took === undefined ? '' : `, after ${Math.round(boot.took / 1000)} s`}${
          boot.failed.length === 0 ? '' : `; failed: ${boot.failed.join(', ')}`
        }`,
      ]),
  ...(timers === undefined
    ? []
    : flowed(
        `  ${counted(timers.length, 'timer')}  `,
        timers.map(
          ({ timer, result }) => `${timer.replace(/\.timer$/, '')}${result === 'success' ? '' : ` (${result})`}`,
        ),
      )),
  ...(noWayIn === undefined ? [] : [`  nobody could get in: ${noWayIn}`]),
  ...(poweredOff ? [] : ['  it did not power off when asked']),
  `  ${counted(frames.link, 'frame')} of the link itself, ${counted(frames.unread, 'frame')} not read`,
  ...(lost === 0 ? [] : [`  ${counted(lost, 'flow')} found no room in the table`]),
];

const HEAD = ['after', 'what', 'to', 'port', 'tries', 'bytes', 'known as', 'said'];

const flowRows = (flows: readonly NamedFlow[]): string[] => {
  const phases = [...new Set(flows.map(({ phase }) => phase))];
  const rows = new Map(flows.map((flow) => [flow, cells(flow)] as const));
  const widths = HEAD.map((title, nth) =>
    Math.max(title.length, ...[...rows.values()].map((row) => row[nth]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, nth) => (nth === row.length - 1 ? cell : cell.padEnd(widths[nth] ?? 0))).join('  ')}`.trimEnd();
  return [
    line(HEAD),
    ...phases.flatMap((phase) => [
      `  ${phase}`,
      ...flows.filter((flow) => flow.phase === phase).map((flow) => tame(line(rows.get(flow) ?? []), 200)),
    ]),
  ];
};

const cells = (flow: NamedFlow): string[] => [
  `${(flow.first / 1000).toFixed(1)} s`,
  flow.protocol,
  flow.name ?? flow.address,
  flow.port === undefined ? '' : String(flow.port),
  String(flow.tries),
  bytes(flow.bytes),
  flow.entry ?? (flow.protocol === 'dhcp' ? '' : 'unknown'),
  flow.said.map(saidText).join(', '),
];

const saidText = (said: Said): string => {
  switch (said.kind) {
    case 'tls':
      return `TLS for ${said.name ?? 'no name'}${said.protocols.length === 0 ? '' : ` (${said.protocols.join(' ')})`}`;
    case 'http':
      return `${said.method} ${said.host ?? ''}${said.target}${said.userAgent === undefined ? '' : ` as ${said.userAgent}`}`;
    case 'dns':
      return said.type;
    case 'dhcp':
      return [
        said.hostName && `host name ${said.hostName}`,
        said.vendor && `vendor ${said.vendor}`,
        said.client && `id ${said.client}`,
      ]
        .filter((word) => word)
        .join(' ');
    case 'other':
      return 'neither TLS nor HTTP';
  }
};

const judgementLines = ({ verdict, found }: Judgement): string[] => [
  { holds: 'the policy is kept', fails: 'the policy is NOT kept', unjudged: 'the policy could NOT be judged' }[verdict],
  ...found.flatMap(({ rule, verdict: one, message, where, hint }) => [
    `  ${one.padEnd(8)} ${rule}: ${message}${where === undefined ? '' : ` (${where})`}`,
    ...(hint === undefined ? [] : [`           ${hint}`]),
  ]),
];

export const catalogueText = (entries: readonly Entry[]): string =>
  entries
    .map(({ id, class: kind, title, source, off }) =>
      [
        `${id.padEnd(28)} ${kind.padEnd(13)} ${title}`,
        `${' '.repeat(29)}${off.length === 0 ? 'is not switched off by Ingot' : `\`telemetry: {off: [${id}]}\``}, ${source === undefined ? 'UNVERIFIED' : `${source.what}, ${source.date}`}`,
      ].join('\n'),
    )
    .join('\n');
