/** What tells iPXE and GRUB to start the installation, and whether they ask first: as the medium's menu would. */
import { grubQuote } from '../menus/grub-lexer.ts';
import { COUNTDOWN_SECONDS, type MenuStart } from '../menus/unattended.ts';
import { ANSWERS, type Condition, type HostTable, isCertain, isWhole, ownAnswers, waysToKnow } from './script-hosts.ts';

export interface NetbootScript {
  /** Says that the disk is erased. */
  readonly title: string;
  readonly words: readonly string[];
  readonly start: MenuStart;
  /** Names in the folder of the script. */
  readonly kernel: string;
  readonly initrd: string;
  /** Absent when all machines are alike. */
  readonly table?: HostTable | undefined;
}

/** How long the ids stay on the screen of a machine that is not installed. */
const SECONDS_TO_READ = 20;

/**
 * https://ipxe.org/scripting: names without a scheme are taken from where the script came from. `initrd=` is how a
 * kernel that UEFI starts finds its initrd among iPXE's files. An empty command after `||` makes a failure none.
 */
export const ipxeScript = ({ title, words, start, kernel, initrd, table }: NetbootScript): string =>
  [
    '#!ipxe',
    ...(table === undefined ? [] : ipxeHosts(table)),
    ...(start === 'now' ? [] : ipxeMenu(table === undefined ? title : `${IPXE_HOST}: ${title}`, start)),
    ':install',
    `kernel ${kernel} initrd=${initrd} ${[...(table === undefined ? [] : [`initrd=${ANSWERS}`]), ...words].join(' ')}`,
    `initrd ${initrd}`,
    ...(table === undefined ? [] : [`initrd ${IPXE_ANSWERS}`]),
    'boot',
    ...(start === 'now' ? [] : [':leave', 'exit']),
    '',
  ].join('\n');

/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of iPXE */
const IPXE_HOST = '${host}';
const IPXE_TOLD = '${told}';
const IPXE_ANSWERS = '${answers}';
/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of iPXE */

const ipxeMenu = (title: string, start: MenuStart): string[] => {
  const choice = start === 'countdown' ? `--timeout ${COUNTDOWN_SECONDS * 1000} --default install` : '--default leave';
  return [
    'menu',
    `item install ${title}`,
    'item leave Leave, and go on to the next boot device',
    `choose ${choice} target || goto leave`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of iPXE
    'goto ${target}',
  ];
};

/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: settings of iPXE */
const IPXE_SETTINGS = { mac: '${netX/mac}', serial: '${serial}', uuid: '${uuid}' } as const;

/** `told` is `+NAME` when one host fits, and all of its ids were checked. */
const ipxeHosts = ({ hosts, unknown, isShared }: HostTable): string[] => {
  const asks = ({ kind, value }: Condition) => `iseq ${IPXE_SETTINGS[kind]} ${value} && `;
  const known = hosts.flatMap((host) =>
    waysToKnow(host, isIpxeWord).map((way) => {
      const told = isWhole(host, way) ? host.name : '';
      return `${way.map(asks).join('')}set host ${host.name} && set told ${IPXE_TOLD}+${told} ||`;
    }),
  );
  const isGuarded = !isShared || (unknown === 'stop' && hosts.every((host) => isCertain(host, isIpxeWord)));
  return [
    'clear host',
    'clear told',
    ...known,
    `isset ${IPXE_HOST} && iseq ${IPXE_TOLD} +${IPXE_HOST} && set answers ${ownAnswers(IPXE_HOST)} && goto known ||`,
    ...(isShared ? [`set answers ${ANSWERS}`, 'isset ${host} && goto known ||'] : []),
    ...(isGuarded
      ? [
          'echo This machine is none of the hosts that are installed from here, and nothing is changed on it:',
          'echo network card ${netX/mac}, serial number ${serial}, UUID ${uuid}',
          `sleep ${SECONDS_TO_READ}`,
          'exit',
        ]
      : ['set host this machine']),
    ':known',
  ];
};
/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: settings of iPXE */

/** iPXE knows no quotation marks. */
const isIpxeWord = ({ value }: Condition): boolean => /^[A-Za-z0-9:._/+-]+$/.test(value);

/** `$ingot`: the folder on the server, for a GRUB whose root is above it; nothing when they are the same. */
export const grubScript = (script: NetbootScript): string =>
  [
    'set default=ingot',
    `set timeout=${{ now: 0, countdown: COUNTDOWN_SECONDS, ask: -1 }[script.start]}`,
    ...(script.table === undefined ? grubEntry(script, grubQuote(script.title)) : grubHosts(script, script.table)),
    '',
  ].join('\n');

const grubEntry = ({ words, kernel, initrd, table }: NetbootScript, title: string): string[] => [
  `menuentry ${title} --id ingot {`,
  `\tlinux $ingot/${kernel} ${words.map(grubQuote).join(' ')}`,
  `\tinitrd $ingot/${initrd}${table === undefined ? '' : ' $ingot/$answers'}`,
  '}',
];

const GRUB_VARIABLES = { mac: '$net_default_mac', serial: '$serial', uuid: '$uuid' } as const;

/** `smbios` (grub-core/commands/smbios.c) is not in every GRUB: what it does not say is left to the installer. */
const grubHosts = (script: NetbootScript, { hosts, unknown, isShared }: HostTable): string[] => {
  const usesFirmware = hosts.some(({ match }) => match.serial !== undefined || match.uuid !== undefined);
  const asks = ({ kind, value }: Condition) => `"${GRUB_VARIABLES[kind]}" = ${grubQuote(value)}`;
  const known = hosts.flatMap((host) =>
    waysToKnow(host, () => true).map(
      (way) => `if [ ${way.map(asks).join(' -a ')} ]; then set host=${host.name}; set told="$told+${host.name}"; fi`,
    ),
  );
  const entry = grubEntry(script, `"$host: "${grubQuote(script.title)}`);
  return [
    'set host=',
    'set told=',
    ...(usesFirmware
      ? [
          'set firmware=',
          'if smbios --type 1 --get-string 7 --set serial; then set firmware=known; fi',
          'if smbios --type 1 --get-uuid 8 --set uuid; then set firmware=known; fi',
          'if [ -z "$firmware" ]; then set host="this machine"; fi',
        ]
      : []),
    ...known,
    `if [ "$told" = "+$host" ]; then set answers=${ownAnswers('$host')}; else set ${isShared ? `answers=${ANSWERS}` : 'host='}; fi`,
    ...(isShared && unknown === 'recipe'
      ? ['if [ -z "$host" ]; then set host="this machine"; fi', ...entry]
      : [
          'if [ -n "$host" ]; then',
          ...entry,
          'else',
          'echo "This machine is none of the hosts that are installed from here, and nothing is changed on it:"',
          'echo "network card $net_default_mac, serial number $serial, UUID $uuid"',
          `sleep ${SECONDS_TO_READ}`,
          'exit',
          'fi',
        ]),
  ];
};
