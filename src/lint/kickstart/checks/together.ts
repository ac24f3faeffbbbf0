/** Commands that do not go together, and names or mount points that are there twice. */
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { isRhel } from '../release.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';
import { STORAGE } from './storage.ts';

/** Each of the left excludes each of the right. */
const CONFLICTS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['autopart'], ['part', 'partition', 'raid', 'volgroup', 'logvol', 'reqpart', 'mount']],
  [['mount'], ['part', 'partition', 'raid', 'volgroup', 'logvol', 'reqpart']],
  [['ostreesetup'], ['ostreecontainer', 'bootc']],
  [['ostreecontainer'], ['bootc']],
];

export const checkTogether = (context: CheckContext): void => {
  for (const [ones, others] of CONFLICTS) {
    const [one] = commandsNamed(context, ...ones);
    const [other] = commandsNamed(context, ...others);
    if (!one || !other) continue;
    const later = context.commands.indexOf(one) > context.commands.indexOf(other) ? one : other;
    context.tell(
      'conflicting-commands',
      later.line,
      later.command.name,
      `${one.name} and ${other.name} exclude each other`,
      {
        hint: 'Either the installer divides the disk, or the file says how.',
      },
    );
  }
  sourceOnce(context);
  mountPointsOnce(context);
  namesOnce(context);
  commandsOnce(context);
};

/** Places that the packages, or the whole system, come from: the installer takes one, by an order of its own. */
const SOURCES = ['cdrom', 'harddrive', 'hmc', 'nfs', 'url', 'liveimg', 'ostreesetup', 'ostreecontainer', 'bootc'];

const sourceOnce = (context: CheckContext): void => {
  const [first, ...later] = commandsNamed(context, ...SOURCES);
  const other = later.find(({ name }) => name !== first?.name);
  // Those that exclude each other are told of as such.
  if (
    first &&
    other &&
    !CONFLICTS.some(
      ([ones, others]) => [...ones, ...others].includes(first.name) && [...ones, ...others].includes(other.name),
    )
  )
    context.tell(
      'conflicting-commands',
      other.line,
      other.command.name,
      `${first.name} and ${other.name} both say where to install from`,
      {
        hint: 'Leave one; further packages are those of repo.',
      },
    );
};

const isPartition = ({ name }: ParsedCommand): boolean => name === 'part' || name === 'partition';

const mountPointsOnce = (context: CheckContext): void => {
  const seen = new Map<string, ParsedCommand>();
  const relevant = isRhel(context.release) ? STORAGE.filter((name) => name !== 'btrfs') : STORAGE;
  for (const command of commandsNamed(context, ...relevant, 'mount')) {
    const { name, args, line } = command;
    const place = args.positional[name === 'mount' ? 1 : 0];
    if (!place?.text.startsWith('/')) continue;
    const path = place.text.replace(/(?<=.)\/+$/, '');
    const before = seen.get(path);
    if (before !== undefined)
      context.tell(
        'duplicate-name',
        line,
        place,
        `something is mounted at ${shown(path)} already (line ${before.line.number})`,
        // The installer goes on without the first of the two; files of live images make / larger in this way.
        { severity: isPartition(before) && isPartition(command) ? 'info' : 'warning' },
      );
    seen.set(path, command);
  }
};

/** How a command names the thing that it makes, and what happens to a second one. */
const NAMED: readonly (readonly [string, string, string])[] = [
  ['user', '--name', 'user'],
  ['group', '--name', 'group'],
  ['repo', '--name', 'repository'],
  ['snapshot', '--name', 'snapshot'],
];

const namesOnce = (context: CheckContext): void => {
  for (const [command, option, thing] of NAMED) {
    const seen = new Map<string, number>();
    for (const { args, line } of commandsNamed(context, command)) {
      const name = optionOf(args, option);
      if (name?.value === undefined) continue;
      const before = seen.get(name.value);
      if (before !== undefined)
        context.tell(
          'duplicate-name',
          line,
          name.valueAt,
          `the ${thing} ${shown(name.value)} is there already (line ${before})`,
          {
            severity: command === 'snapshot' ? 'error' : 'warning',
          },
        );
      seen.set(name.value, line.number);
    }
  }
};

const SINGLE: readonly string[] = [
  'autopart',
  'bootloader',
  'firewall',
  'keyboard',
  'lang',
  'rootpw',
  'selinux',
  'timezone',
  'url',
  'clearpart',
  'firstboot',
];
const ENDS = ['reboot', 'poweroff', 'shutdown', 'halt'];
const MODES = ['text', 'graphical', 'cmdline'];

/** The last one counts; that is seldom meant. */
const commandsOnce = (context: CheckContext): void => {
  for (const names of [...SINGLE.map((name) => [name]), ENDS, MODES]) {
    const [first, ...later] = commandsNamed(context, ...names);
    for (const { line, command } of later)
      if (first)
        context.tell(
          'command-twice',
          line,
          command.name,
          `${command.name.text} takes the place of ${first.name} in line ${first.line.number}`,
        );
  }
};

export const isUnattended = (context: CheckContext): boolean =>
  commandsNamed(context, 'cmdline').length > 0 ||
  commandsNamed(context, 'text', 'graphical').some(({ args }) => hasOption(args, '--non-interactive')) ||
  commandsNamed(context, ...ENDS).length > 0;
