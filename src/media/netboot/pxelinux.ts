/**
 * Menus for PXELINUX: it takes the first one that exists: named by the machine's UUID, by the address of its
 * card (`01-` is Ethernet), and `default` (https://wiki.syslinux.org, PXELINUX). Paths are below the folder of pxelinux.0.
 */
import { COUNTDOWN_SECONDS, type MenuStart } from '../menus/unattended.ts';
import { ANSWERS, isWhole, type NetbootHost, ownAnswers, waysToKnow } from './script-hosts.ts';
import type { NetbootScript } from './scripts.ts';

export const PXELINUX_FOLDER = 'pxelinux.cfg';

/** Menus by their file names. */
export const pxelinuxMenus = (script: NetbootScript): ReadonlyMap<string, string> => {
  const { table, title } = script;
  if (table === undefined) return new Map([['default', menu(script, title)]]);
  const own = table.hosts.flatMap((host) =>
    filesOf(host)
      .filter(({ isTold }) => isTold || table.isShared)
      .map(({ name, isTold }) => {
        const answers = isTold ? ownAnswers(host.name) : ANSWERS;
        return [name, menu(script, `${host.name}: ${title}`, answers)] as const;
      }),
  );
  const isGuarded =
    !table.isShared || (table.unknown === 'stop' && table.hosts.every((host) => filesOf(host).length > 0));
  const other = isGuarded ? LEAVE : menu(script, `this machine: ${title}`, ANSWERS);
  return new Map([...own, ['default', other]]);
};

/** The name with the UUID is looked for before the one with the card; serial numbers are not used. */
const filesOf = (host: NetbootHost): { readonly name: string; readonly isTold: boolean }[] => {
  const ways = waysToKnow(host, ({ kind }) => kind === (host.match.mac === undefined ? 'uuid' : 'mac'));
  return ways.flatMap((way) =>
    way.map(({ kind, value }) => ({
      name: kind === 'mac' ? `01-${value.replaceAll(':', '-')}` : value,
      isTold: isWhole(host, way),
    })),
  );
};

const LEAVE = `SAY This machine is none of the hosts that are installed from here, and nothing is changed on it.
DEFAULT leave
PROMPT 0
LABEL leave
  LOCALBOOT -1
`;

const menu = ({ words, start, kernel, initrd }: NetbootScript, title: string, answers?: string): string =>
  [
    ...(start === 'now' ? [] : [`SAY ${title}: type "install" and Enter to start it.`]),
    ...STARTS[start],
    'LABEL install',
    `  KERNEL ${kernel}`,
    `  INITRD ${[initrd, ...(answers === undefined ? [] : [answers])].join(',')}`,
    `  APPEND ${words.join(' ')}`,
    'LABEL leave',
    '  LOCALBOOT -1',
    '',
  ].join('\n');

/** Tenths of seconds; 0 is for ever. */
const STARTS: Readonly<Record<MenuStart, readonly string[]>> = {
  now: ['DEFAULT install', 'PROMPT 0'],
  countdown: ['DEFAULT install', 'PROMPT 1', `TIMEOUT ${COUNTDOWN_SECONDS * 10}`],
  ask: ['DEFAULT leave', 'PROMPT 1', 'TIMEOUT 0'],
};
