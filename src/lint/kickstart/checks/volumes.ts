/** Logical volumes: their group, their pool, and each name once. */
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown, type Tell } from '../findings.ts';
import type { Line } from '../kickstart-document.ts';
import type { Word } from '../words.ts';
import { type CheckContext, commandsNamed } from './check-context.ts';

/** Names of groups and volumes: lvm(8), VALID NAMES. */
export const checkVolumeName = (name: Pick<Word, 'text' | 'column' | 'endColumn'>, line: Line, tell: Tell): void => {
  if (!/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(name.text) || /^\.\.?$/.test(name.text))
    tell('bad-value', line, name, `${shown(name.text)} is no name for LVM`, {
      hint: 'Letters, digits, +, _, . and -, and no - at the beginning.',
    });
};

/** A snapshot is taken of a volume by the names of its group and its own. */
export const checkSnapshots = (context: CheckContext): void => {
  for (const { args, line } of commandsNamed(context, 'snapshot')) {
    const [origin] = args.positional;
    if (origin && !/^[^/]+\/[^/]+$/.test(origin.text))
      context.tell('bad-value', line, origin, `${shown(origin.text)} is not GROUP/VOLUME`);
  }
};

/** Shares of one group: those of a pool's volumes belong to the pool. */
export const checkShares = (context: CheckContext): void => {
  const sums = new Map<string, number>();
  for (const { args, line } of commandsNamed(context, 'logvol')) {
    const share = optionOf(args, '--percent');
    const group = optionOf(args, '--vgname')?.value;
    const percent = Number(share?.value);
    if (!share || group === undefined || hasOption(args, '--thin') || !(percent >= 0 && percent <= 100)) continue;
    const before = sums.get(group) ?? 0;
    sums.set(group, before + percent);
    if (before <= 100 && before + percent > 100)
      context.tell('size', line, share.valueAt, `the volumes of ${shown(group)} come to ${before + percent} % of it`);
  }
};

/** A cache lies in the group of its volume. */
export const checkCaches = (context: CheckContext, membersOf: ReadonlyMap<string, readonly string[]>): void => {
  for (const { args, line } of commandsNamed(context, 'logvol')) {
    const use = optionOf(args, '--cachepvs');
    const group = optionOf(args, '--vgname')?.value ?? '';
    const members = membersOf.get(group);
    if (!use || !members || members.length === 0 || context.document.open) continue;
    const stranger = use.value?.split(',').find((name) => name.trim() !== '' && !members.includes(name.trim()));
    if (stranger !== undefined)
      context.tell(
        'undefined-reference',
        line,
        use.valueAt,
        `${shown(stranger)} is no member of the volume group ${shown(group)}`,
      );
  }
};

export const checkVolumes = (context: CheckContext, groups: ReadonlySet<string>): void => {
  const volumes = commandsNamed(context, 'logvol');
  /** Those of the lines before. */
  const pools = new Set<string>();
  const names = new Map<string, number>();
  for (const { args, line } of volumes) {
    const group = optionOf(args, '--vgname');
    const name = optionOf(args, '--name');
    if (name?.value !== undefined) checkVolumeName({ text: name.value, ...name.valueAt }, line, context.tell);
    const existing = hasOption(args, '--useexisting', '--noformat');
    if (group?.value !== undefined && !groups.has(group.value) && !existing && !context.document.open)
      context.tell('undefined-reference', line, group.valueAt, `no volgroup defines ${shown(group.value)}`, {
        // Where nothing is cleared it may be on the disk.
        severity: commandsNamed(context, 'clearpart', 'zerombr').length > 0 ? 'error' : 'warning',
      });
    const full = `${group?.value}/${name?.value}`;
    const before = names.get(full);
    if (name && before !== undefined)
      context.tell('duplicate-name', line, name.valueAt, `the volume ${shown(full)} was defined in line ${before}`);
    names.set(full, line.number);
    if (hasOption(args, '--thinpool')) pools.add(full);
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
        `no logvol with --thinpool before this line is called ${shown(pool.value)} in this volume group`,
      );
  }
};
