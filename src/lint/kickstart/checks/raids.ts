/** Arrays: their names, and whether there are enough members. */
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import type { Word } from '../words.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';
import { type Defined, use } from './members.ts';

/** Members that each level needs at least (mdadm). */
const LEAST: Readonly<Record<string, number>> = { '0': 2, '1': 2, '4': 3, '5': 3, '6': 4, '10': 2 };

export const checkRaids = (context: CheckContext, members: ReadonlyMap<string, Defined>, used: Set<string>): void => {
  const devices = new Map<string, number>();
  for (const command of commandsNamed(context, 'raid')) {
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
