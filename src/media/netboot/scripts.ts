/** What tells iPXE and GRUB to start the installation, and whether they ask first: as the medium's menu would. */
import { grubQuote } from '../menus/grub-lexer.ts';
import { COUNTDOWN_SECONDS, type MenuStart } from '../menus/unattended.ts';

export interface NetbootScript {
  /** Says that the disk is erased. */
  readonly title: string;
  readonly words: readonly string[];
  readonly start: MenuStart;
  /** Names beside the script. */
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * https://ipxe.org/scripting: names without a scheme are taken from where the script came from. `initrd=` is how a
 * kernel that UEFI starts finds its initrd among iPXE's files.
 */
export const ipxeScript = ({ title, words, start, kernel, initrd }: NetbootScript): string =>
  [
    '#!ipxe',
    ...(start === 'now' ? [] : ipxeMenu(title, start)),
    ':install',
    `kernel ${kernel} initrd=${initrd} ${words.join(' ')}`,
    `initrd ${initrd}`,
    'boot',
    ...(start === 'now' ? [] : [':leave', 'exit']),
    '',
  ].join('\n');

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

/** `$ingot`: the folder on the server, for a GRUB whose root is above it; nothing when they are the same. */
export const grubScript = ({ title, words, start, kernel, initrd }: NetbootScript): string =>
  [
    'set default=ingot',
    `set timeout=${{ now: 0, countdown: COUNTDOWN_SECONDS, ask: -1 }[start]}`,
    `menuentry ${grubQuote(title)} --id ingot {`,
    `\tlinux $ingot/${kernel} ${words.map(grubQuote).join(' ')}`,
    `\tinitrd $ingot/${initrd}`,
    '}',
    '',
  ].join('\n');
