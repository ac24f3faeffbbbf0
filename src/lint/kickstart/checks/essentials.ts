/**
 * What a file that installs by itself has to say. It is not required of a part that others include, or of a file that includes
 * what cannot be read: what is missing may be elsewhere.
 */
import { hasOption, optionOf } from '../command-arguments.ts';
import type { Line } from '../kickstart-document.ts';
import { hasAccount } from './accounts.ts';
import { type CheckContext, commandsNamed } from './check-context.ts';
import { STORAGE } from './storage.ts';
import { isUnattended } from './together.ts';

/** Subjects that a whole file speaks of; a part has few of them. */
const SUBJECTS: readonly (readonly string[])[] = [
  ['lang', 'keyboard', 'timezone'],
  ['rootpw', 'user'],
  [...STORAGE, 'autopart', 'mount', 'reqpart'],
  ['clearpart', 'zerombr', 'ignoredisk'],
  ['bootloader'],
  ['url', 'cdrom', 'nfs', 'harddrive', 'repo', 'liveimg'],
  ['network'],
  ['reboot', 'poweroff', 'shutdown', 'halt'],
  ['text', 'cmdline', 'graphical'],
];
const WHOLE = 4;

export const checkEssentials = (context: CheckContext): void => {
  checkPassphrase(context);
  const { document, tell } = context;
  if (document.open || !isWholeKickstart(context) || commandsNamed(context, 'rescue').length > 0) return;
  const image = commandsNamed(context, 'liveimg', 'ostreesetup', 'ostreecontainer', 'bootc').length > 0;
  const firstLine: Line = { file: document.file, number: 1, text: document.file.lines[0] ?? '' };
  const say = (rule: string, message: string, hint: string): void =>
    tell(rule, firstLine, 1, message, { hint, ...unlessUnattended });
  // Somebody may be meant to answer what is left open.
  const unlessUnattended = isUnattended(context) ? {} : { severity: 'info' as const };
  if (!hasAccount(context) && !image)
    say(
      'missing-account',
      'neither rootpw nor user: nobody can log in, and the installer asks',
      'Add rootpw or user (rootpw --lock for none).',
    );
  if (commandsNamed(context, ...STORAGE, 'autopart', 'mount').length === 0)
    say('missing-partitioning', 'the disk is not divided: the installer asks', 'Add autopart, or part.');
  checkRoot(context);
  if (commandsNamed(context, 'bootloader').length === 0)
    say(
      'missing-bootloader',
      'no bootloader command: the boot loader is installed with its defaults',
      'Add bootloader.',
    );
  if (commandsNamed(context, 'reboot', 'poweroff', 'shutdown', 'halt').length === 0)
    say(
      'missing-end-action',
      'no reboot, poweroff or shutdown: the installer waits for a key at the end',
      'Add reboot or poweroff.',
    );
};

/** No part that another file includes. */
export const isWholeKickstart = (context: CheckContext): boolean => {
  const subjects = SUBJECTS.filter((names) => commandsNamed(context, ...names).length > 0).length;
  const hasPackages = context.document.sections.some(({ name }) => name.text === '%packages');
  return subjects + (hasPackages ? 1 : 0) >= WHOLE;
};

/** Where the disk is divided by hand, something has to be mounted at /. */
const checkRoot = (context: CheckContext): void => {
  const storage = commandsNamed(context, ...STORAGE, 'mount');
  const [first] = storage;
  const isThere = storage.some(({ name, args }) => args.positional[name === 'mount' ? 1 : 0]?.text === '/');
  if (first && !isThere && commandsNamed(context, 'autopart').length === 0)
    context.tell('missing-root', first.line, first.command.name, 'nothing is mounted at /', {
      hint: 'Add a part, logvol, raid or mount for it.',
    });
};

/** The passphrase of one command serves all others. */
const checkPassphrase = (context: CheckContext): void => {
  const commands = commandsNamed(context, ...STORAGE, 'autopart');
  const encrypted = commands.find(({ args }) => hasOption(args, '--encrypted'));
  const option = encrypted && optionOf(encrypted.args, '--encrypted');
  if (!encrypted || !option || context.document.open) return;
  if (!commands.some(({ args }) => hasOption(args, '--passphrase')))
    context.tell(
      'missing-passphrase',
      encrypted.line,
      option.word,
      '--encrypted without a passphrase: the installer asks',
      {
        hint: 'Add --passphrase here or to another command.',
      },
    );
};
