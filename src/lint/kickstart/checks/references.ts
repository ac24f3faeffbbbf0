/** Names between part, raid, volgroup and logvol: defined once, and before Anaconda looks for them (in that order). */
import { hasOption } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { isRhel } from '../release.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';
import { type Defined, isMember, use } from './members.ts';
import { checkRaids } from './raids.ts';
import { checkCaches, checkShares, checkSnapshots, checkVolumeName, checkVolumes } from './volumes.ts';

export const checkReferences = (context: CheckContext): void => {
  const members = defineMembers(context);
  const used = new Set<string>();
  const groups = checkGroups(context, members, used);
  checkRaids(context, members, used);
  checkVolumes(context, new Set(groups.keys()));
  checkShares(context);
  checkCaches(context, groups);
  checkSnapshots(context);
  if (!isRhel(context.release)) useOfBtrfs(context, members, used);
  tellUnused(context, members, used);
};

/** `pv.01`, `raid.11`, `btrfs.x` of part, and of raid for a group on an array. */
const defineMembers = (context: CheckContext): Map<string, Defined> => {
  const members = new Map<string, Defined>();
  for (const command of commandsNamed(context, 'part', 'partition', 'raid', 'logvol')) {
    const [word] = command.args.positional;
    if (!word || !isMember(word.text)) continue;
    const before = members.get(word.text);
    if (before)
      context.tell(
        'duplicate-name',
        command.line,
        word,
        `${shown(word.text)} was defined in line ${before.command.line.number}`,
      );
    else members.set(word.text, { command, word });
  }
  return members;
};

/** Volume groups of this file by name with their members, which are checked. */
const checkGroups = (
  context: CheckContext,
  members: ReadonlyMap<string, Defined>,
  used: Set<string>,
): ReadonlyMap<string, readonly string[]> => {
  const groups = new Map<string, ParsedCommand>();
  for (const command of commandsNamed(context, 'volgroup')) {
    const [name, ...volumes] = command.args.positional;
    if (!name) continue;
    checkVolumeName(name, command.line, context.tell);
    const before = groups.get(name.text);
    if (before)
      context.tell(
        'duplicate-name',
        command.line,
        name,
        `the volume group ${shown(name.text)} was defined in line ${before.line.number}`,
      );
    groups.set(name.text, command);
    const existing = hasOption(command.args, '--useexisting', '--noformat');
    const [first] = volumes;
    if (command.args.faults.length > 0) continue;
    if (!existing && !first)
      context.tell('arguments', command.line, name, 'volgroup needs the partitions that it is made of');
    if (existing && first)
      context.tell(
        'exclusive-options',
        command.line,
        first,
        'a volume group that exists is used as it is, without a list of partitions',
      );
    for (const volume of volumes) use(volume, command, context, members, used, 'a volume group');
  }
  return new Map([...groups].map(([name, { args }]) => [name, args.positional.slice(1).map(({ text }) => text)]));
};

const useOfBtrfs = (context: CheckContext, members: ReadonlyMap<string, Defined>, used: Set<string>): void => {
  for (const command of commandsNamed(context, 'btrfs'))
    if (!hasOption(command.args, '--subvol'))
      for (const part of command.args.positional.slice(1))
        if (isMember(part.text)) use(part, command, context, members, used, 'a Btrfs volume');
};

const tellUnused = (
  { document, tell, release }: CheckContext,
  members: ReadonlyMap<string, Defined>,
  used: ReadonlySet<string>,
): void => {
  if (document.open) return;
  for (const [name, { command, word }] of members)
    if (!used.has(name) && !(isRhel(release) && name.startsWith('btrfs.')))
      tell('unused-member', command.line, word, `nothing is made of ${shown(name)}`);
};
