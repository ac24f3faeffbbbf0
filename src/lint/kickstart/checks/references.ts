/** Names between part, raid, volgroup and logvol: defined once, and before Anaconda looks for them (in that order). */
import { hasOption, optionOf } from '../arguments.ts';
import { shown } from '../findings.ts';
import { isRhel } from '../release.ts';
import type { Word } from '../words.ts';
import { type CheckContext, named, type ParsedCommand } from './context.ts';

export const checkReferences = (context: CheckContext): void => {
  const members = defineMembers(context);
  const used = new Set<string>();
  const groups = checkGroups(context, members, used);
  checkRaids(context, members, used);
  checkVolumes(context, groups);
  if (!isRhel(context.release)) useOfBtrfs(context, members, used);
  tellUnused(context, members, used);
};

interface Defined {
  readonly command: ParsedCommand;
  readonly word: Word;
}

const isMember = (text: string): boolean => /^(pv|raid|btrfs)\../.test(text);

/** `pv.01`, `raid.11`, `btrfs.x` of part, and of raid for a group on an array. */
const defineMembers = (context: CheckContext): Map<string, Defined> => {
  const members = new Map<string, Defined>();
  for (const command of named(context, 'part', 'partition', 'raid', 'logvol')) {
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

/** Volume groups of this file, checked for their members. */
const checkGroups = (
  context: CheckContext,
  members: ReadonlyMap<string, Defined>,
  used: Set<string>,
): ReadonlySet<string> => {
  const groups = new Map<string, ParsedCommand>();
  for (const command of named(context, 'volgroup')) {
    const [name, ...volumes] = command.args.positional;
    if (!name) continue;
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
  return new Set(groups.keys());
};

/** What may be there before the installation. */
const ON_DISK = /^(\/dev\/|LABEL=|UUID=|(sd|vd|hd|xvd)[a-z]+\d*$|nvme|mmcblk|md|dm-|mapper)/;

const use = (
  word: Word,
  { line }: ParsedCommand,
  { document, tell }: CheckContext,
  members: ReadonlyMap<string, Defined>,
  used: Set<string>,
  by: string,
): void => {
  if (used.has(word.text)) tell('duplicate-name', line, word, `${shown(word.text)} is already part of something else`);
  used.add(word.text);
  if (!members.has(word.text) && !document.open && !ON_DISK.test(word.text))
    tell('undefined-reference', line, word, `no part or raid defines ${shown(word.text)} for ${by}`);
};

/** Members that each level needs at least (mdadm). */
const LEAST: Readonly<Record<string, number>> = { '0': 2, '1': 2, '4': 3, '5': 3, '6': 4, '10': 2 };

const checkRaids = (context: CheckContext, members: ReadonlyMap<string, Defined>, used: Set<string>): void => {
  const devices = new Map<string, number>();
  for (const command of named(context, 'raid')) {
    const { args, line } = command;
    const [, ...parts] = args.positional;
    const device = optionOf(args, '--device');
    if (device?.value !== undefined) {
      const name = device.value.replace(/^\/dev\/(md\/)?/, '');
      const before = devices.get(name);
      if (before !== undefined)
        context.tell('duplicate-name', line, device.valueAt, `the array ${shown(name)} was defined in line ${before}`);
      devices.set(name, line.number);
    }
    for (const part of parts) use(part, command, context, members, used, 'an array');
    if (args.faults.length === 0) checkMembers(command, parts, context);
  }
};

const checkMembers = ({ args, line, command }: ParsedCommand, parts: readonly Word[], { tell }: CheckContext): void => {
  const existing = hasOption(args, '--useexisting', '--noformat');
  const [first] = parts;
  if (!existing && !first) tell('arguments', line, command.name, 'raid needs the partitions that it is made of');
  if (existing && first)
    tell('exclusive-options', line, first, 'an array that exists is used as it is, without a list of partitions');
  const level = optionOf(args, '--level');
  const least = LEAST[level?.value?.toUpperCase().replace('RAID', '') ?? ''];
  const spares = Number(optionOf(args, '--spares')?.value ?? 0);
  if (level && least !== undefined && first && parts.length - spares < least)
    tell(
      'raid-members',
      line,
      level.valueAt,
      `level ${level.value ?? ''} needs ${least} members besides the spares, there are ${Math.max(parts.length - spares, 0)}`,
    );
};

const checkVolumes = (context: CheckContext, groups: ReadonlySet<string>): void => {
  const volumes = named(context, 'logvol');
  const pools = new Set(
    volumes
      .filter(({ args }) => hasOption(args, '--thinpool'))
      .map(({ args }) => `${optionOf(args, '--vgname')?.value}/${optionOf(args, '--name')?.value}`),
  );
  const names = new Map<string, number>();
  for (const { args, line } of volumes) {
    const group = optionOf(args, '--vgname');
    const name = optionOf(args, '--name');
    const existing = hasOption(args, '--useexisting', '--noformat');
    if (group?.value !== undefined && !groups.has(group.value) && !existing && !context.document.open)
      context.tell('undefined-reference', line, group.valueAt, `no volgroup defines ${shown(group.value)}`, {
        // Where nothing is cleared it may be on the disk.
        severity: named(context, 'clearpart', 'zerombr').length > 0 ? 'error' : 'warning',
      });
    const full = `${group?.value}/${name?.value}`;
    const before = names.get(full);
    if (name && before !== undefined)
      context.tell('duplicate-name', line, name.valueAt, `the volume ${shown(full)} was defined in line ${before}`);
    names.set(full, line.number);
    const pool = optionOf(args, '--poolname');
    if (
      pool?.value !== undefined &&
      hasOption(args, '--thin') &&
      !existing &&
      !context.document.open &&
      !pools.has(`${group?.value}/${pool.value}`)
    )
      context.tell(
        'undefined-reference',
        line,
        pool.valueAt,
        `no logvol with --thinpool is called ${shown(pool.value)} in this volume group`,
      );
  }
};

const useOfBtrfs = (context: CheckContext, members: ReadonlyMap<string, Defined>, used: Set<string>): void => {
  for (const command of named(context, 'btrfs'))
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
